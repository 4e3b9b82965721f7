"""What is taken over from another gateway, as plain data, whatever it was read from."""

from typing import Annotated, Any

import msgspec

from tutti.accounts.model import DEFAULT_GROUP
from tutti.kit.money import Whole, WholeOrMore

# A SHA-256 in hex.
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class TakenUser(msgspec.Struct, frozen=True, kw_only=True):
    """Someone with a balance there."""

    # Unique over all gateways that are ever taken over: of the ledger row that opens the balance.
    ref: str
    name: str
    units: WholeOrMore
    group: str = DEFAULT_GROUP
    is_admin: bool = False
    # Of the system access token.
    access_token_hash: Digest | None = None
    note: str = ""


class TakenKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that callers go on using: only its hash is told."""

    user_ref: str
    name: str
    # Of the whole key, "sk-" included; and its last letters.
    secret_hash: Digest
    tail: str
    # Units left; None without a limit of its own.
    quota: WholeOrMore | None = None
    expires_at_ms: Whole | None = None
    models: tuple[str, ...] | None = None
    group: str | None = None
    places: tuple[str, ...] = ()
    note: str = ""


class TakenChannel(msgspec.Struct, frozen=True, kw_only=True):
    """An upstream: the arguments of `add_channel`."""

    name: str
    settings: dict[str, Any]
    keys: list[str] = []
    headers: dict[str, str] = {}
    note: str = ""


class Takeover(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is to be taken over."""

    # What is put after a name that is taken here: "mira@new-api".
    source: str
    users: list[TakenUser] = []
    keys: list[TakenKey] = []
    channels: list[TakenChannel] = []
    # Options of the New-API family that hold prices, name -> JSON text.
    prices: dict[str, str] = {}


class TakeoverLine(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one thing."""

    # user, key, channel, price
    kind: str
    name: str
    # "new", "there" (it is here already), "left out"
    outcome: str
    note: str = ""
