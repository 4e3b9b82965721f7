"""From a pick to where its request goes, whatever its vendor wants for it first."""

from tutti.routing.choice import Pick
from tutti.vendors.operations import Auth
from tutti.vendors.registry import ROWS, Target, target
from tutti.vendors.vertex.token import AccessTokens


class Addressing:
    """Addresses requests."""

    def __init__(self, tokens: AccessTokens) -> None:
        """`tokens` are for the vendors that take no keys."""
        self._tokens = tokens

    async def __call__(self, pick: Pick, is_stream: bool, *, verb: str = "") -> Target:  # noqa: FBT001 - as relays ask
        """Address and headers. Raises `VendorError` when a token was needed and could not be had."""
        row = ROWS[pick.channel.type]
        key = await self._tokens.token(pick.key) if row.auth is Auth.SERVICE_ACCOUNT else pick.key
        return target(row, pick.channel, key, pick.operation, pick.upstream_model, is_stream=is_stream, verb=verb)
