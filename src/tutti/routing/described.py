"""Channels as operators describe them and as they are stored: what may be read by anybody, and what is secret.

To give channels a new property: a field in `ChannelSettings` and in `Channel`; stored ones have its default until then.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from tutti.errors import InvalidRequestError
from tutti.routing.channels import DEFAULT_GROUP, Channel

AtLeastOne = Annotated[int, Meta(ge=1, le=1_000_000_000)]

# RFC 9110, 5.6.2 and 5.5: what a header's name and value may hold.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\x80-\xff]*")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
# Set by the sender of every request: another value would break it.
_RESERVED_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})

# Of a shorter key four letters would be too much.
_LEAST_TO_SHOW = 16

T = TypeVar("T")


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator says of a channel; the comments stand at `Channel`."""

    type: str
    base_url: str = ""
    models: tuple[str, ...] = ()
    model_map: dict[str, str] = {}
    groups: tuple[str, ...] = (DEFAULT_GROUP,)
    priority: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    weight: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    max_parallel: AtLeastOne | None = None
    max_per_minute: AtLeastOne | None = None
    param_overrides: dict[str, Any] = {}
    options: dict[str, str] = {}
    timeout_s: Annotated[float, Meta(gt=0, le=86_400)] = 300.0
    is_on: bool = True


class ChannelSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What must not be read."""

    keys: tuple[str, ...] = ()
    header_overrides: dict[str, str] = {}


def read_settings(given: Mapping[str, object]) -> ChannelSettings:
    """Settings from what a person or a program wrote. Raises `InvalidRequestError` naming the field."""
    if not isinstance(given, Mapping):
        raise InvalidRequestError("The settings of a channel are an object.", field="settings")
    unknown = sorted(given.keys() - set(ChannelSettings.__struct_fields__))
    if unknown:
        known = ", ".join(ChannelSettings.__struct_fields__)
        raise InvalidRequestError(
            f"A channel has no setting {unknown[0]!r}; it may have {known}.", field=str(unknown[0])
        )
    settings = _converted(given, ChannelSettings)
    for field in ("models", "groups"):
        if not all(name.strip() for name in getattr(settings, field)):
            raise InvalidRequestError(f"The names in {field} must not be empty.", field=field)
    if not settings.groups:
        raise InvalidRequestError("A channel serves one group at least.", field="groups")
    return settings


def read_secrets(given: Mapping[str, object]) -> ChannelSecrets:
    """Keys and headers, fit to be sent. Raises `InvalidRequestError`, which tells none of them."""
    found = _converted(given, ChannelSecrets)
    keys = tuple(dict.fromkeys(key.strip() for key in found.keys if key.strip()))
    for number, key in enumerate(keys, 1):
        if not key.startswith("{") and not (key.isascii() and key.isprintable() and " " not in key):
            raise InvalidRequestError(f"Key {number} holds signs that no key has, such as spaces.", field="keys")
    for name, value in found.header_overrides.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _RESERVED_HEADERS or not _HEADER_VALUE.fullmatch(value):
            raise InvalidRequestError(f"The header {name!r} cannot be sent.", field="header_overrides")
    return ChannelSecrets(keys=keys, header_overrides=found.header_overrides)


def split_keys(text: str) -> list[str]:
    """The keys in a file or a variable: one a line or with commas between them; a service account's JSON is one."""
    return [text.strip()] if text.lstrip().startswith("{") else [key for key in re.split(r"[\s,]+", text) if key]


def read_name(name: str) -> str:
    """A channel's name. Raises `InvalidRequestError`."""
    if not isinstance(name, str) or not _NAME.fullmatch(name.strip()):
        raise InvalidRequestError("A channel needs a name of at most 100 signs.", field="name")
    return name.strip()


def to_channel(channel_id: int, name: str, settings: ChannelSettings, secrets: ChannelSecrets) -> Channel:
    """The channel as it is used."""
    said = msgspec.structs.asdict(settings)
    return Channel(
        id=channel_id,
        name=name,
        keys=secrets.keys,
        header_overrides=secrets.header_overrides,
        **{**said, "models": frozenset(settings.models), "groups": frozenset(settings.groups)},
    )


def settings_of(channel: Channel) -> ChannelSettings:
    """What may be shown of a channel."""
    fields = {name: getattr(channel, name) for name in ChannelSettings.__struct_fields__}
    return ChannelSettings(
        **{**fields, "models": tuple(sorted(channel.models)), "groups": tuple(sorted(channel.groups))}
    )


def shown_key(key: str) -> str:
    """What may be shown of a key: enough to tell it from the others."""
    if not key:
        return "none"
    return "JSON" if key.startswith("{") else f"...{key[-4:]}" if len(key) >= _LEAST_TO_SHOW else "..."


def _converted(given: Mapping[str, object], wanted: type[T]) -> T:
    try:
        return msgspec.convert(given, wanted)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `$.")
        field = path.rstrip("`") or None
        raise InvalidRequestError(f"{said}{f' in {field}' if field else ''}.", field=field) from error
