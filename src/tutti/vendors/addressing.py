"""From a pick to where its request goes, whatever its vendor wants for it first."""

from tutti.routing.channels import Channel
from tutti.routing.choice import Pick
from tutti.vendors.operations import Auth
from tutti.vendors.registry import ROWS, Target, target
from tutti.vendors.vertex.token import AccessTokens

# By channel (as it is now: a changed one is another object), key, operation, model and stream.
_Place = tuple[int, str, str, str, bool]
_Kept = tuple[Channel, Target]
# Addresses kept: channels, their keys and models are few, what callers make up is looked up anew beyond so many.
_MOST_KEPT = 4096


class Addressing:
    """Addresses requests."""

    def __init__(self, tokens: AccessTokens) -> None:
        """`tokens` are for the vendors that take no keys."""
        self._tokens = tokens
        self._kept: dict[_Place, _Kept] = {}

    async def __call__(self, pick: Pick, is_stream: bool, *, verb: str = "") -> Target:  # noqa: FBT001 - as relays ask
        """Address and headers, not to be changed. Raises `VendorError` when a token was needed and could not be had."""
        place = (id(pick.channel), pick.key, pick.operation, pick.upstream_model, is_stream)
        kept = self._kept.get(place)
        if kept is not None and kept[0] is pick.channel and not verb:
            return kept[1]
        row = ROWS[pick.channel.type]
        has_token = row.auth is Auth.SERVICE_ACCOUNT
        key = await self._tokens.token(pick.key) if has_token else pick.key
        found = target(row, pick.channel, key, pick.operation, pick.upstream_model, is_stream=is_stream, verb=verb)
        if not has_token and not verb:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[place] = (pick.channel, found)
        return found
