"""Every kind of upstream as a row, and the address and headers that a request to one of its channels has.

The rows are data in `vendors.toml`. A vendor that speaks a wire we know is one more table there; a folder of its own is
for what differs beyond paths and headers.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlsplit

from tutti.errors import InvalidRequestError
from tutti.routing.channels import Channel
from tutti.vendors.addresses import join
from tutti.vendors.operations import OPERATIONS, Auth

# The version of the Messages API whose form we write and read: https://docs.anthropic.com/en/api/versioning
_ANTHROPIC_VERSION = "2023-06-01"


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorRow:
    """What is known of one kind of upstream."""

    type: str
    title: str
    # Where the vendor says so, and when that was read; None: not yet, the row is from memory.
    page: str
    seen: date | None = None
    # Operation -> path, with {model}, {verb} and the row's options to be filled in.
    serves: Mapping[str, str]
    # Empty where every channel has an address of its own.
    base_url: str = ""
    # For all operations alike; None: as each operation has it by itself.
    auth: Auth | None = None
    # Whether a channel may do without a key.
    is_keyless: bool = False
    # Settings that a channel of this kind has beside the usual ones, with their defaults; empty: must be given.
    options: Mapping[str, str] = field(default_factory=dict)
    # Whether `stream_options` may be sent on OpenAI's wire, which asks for the usage of a stream.
    takes_stream_options: bool = True
    # Whether it reads the files whose addresses stand in plain words, for models whose names promise that; and whether
    # it knows parts of the type `file_url` on OpenAI's wire.
    reads_addresses: bool = False
    takes_file_urls: bool = False
    # Whether it fetches pictures that are named by their address, as its wire allows.
    fetches_pictures: bool = True
    # Whether replies in the form that it documents, or of which one was recorded, lie in tests/data/vendors/<type>/
    # and are read by a test.
    is_proven: bool = False
    # What an operator should know, in sentences.
    quirks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes."""

    url: str
    # Names in lower case.
    headers: dict[str, str] = field(repr=False)


def target(
    row: VendorRow,
    channel: Channel,
    key: str,
    operation: str,
    upstream_model: str,
    *,
    is_stream: bool = False,
    verb: str = "",
) -> Target:
    """The address and headers of a request; `verb` for paths that serve several, such as "countTokens".

    `key` is what proves identity: for service accounts the access token. Raises `InvalidRequestError` for a model name
    that would change the path it stands in.
    """
    address = _address(
        row.type, channel.base_url or row.base_url, operation, _filled(row, channel), is_stream=is_stream, verb=verb
    )
    url = address.replace("{model}", _quoted(upstream_model)) if "{model}" in address else address
    headers = _proof(row.auth or OPERATIONS[operation].auth, key)
    if operation in {"messages", "messages_count"}:
        headers["anthropic-version"] = _ANTHROPIC_VERSION
    for name, value in channel.header_overrides.items():
        headers[name.lower()] = value.replace("{api_key}", key)
    return Target(url, headers)


def missing_options(row: VendorRow, options: Mapping[str, str]) -> tuple[str, ...]:
    """The options that a channel of this kind must have and has not."""
    return tuple(name for name, default in row.options.items() if not (options.get(name) or default))


def check_base_url(base_url: str) -> None:
    """Raise `InvalidRequestError` for what cannot be the base of an upstream's addresses."""
    try:
        parts = urlsplit(base_url)
        is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        is_fine = is_fine and not parts.query and not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        is_fine = False
    if not is_fine:
        raise InvalidRequestError(
            "A base URL reads like https://host/path, without a login, a query or a fragment.", field="base_url"
        )


def _filled(row: VendorRow, channel: Channel) -> tuple[tuple[str, str], ...]:
    return tuple((name, channel.options.get(name) or default) for name, default in row.options.items())


# Channels, their operations and verbs are few; what callers make up does not get here.
@lru_cache(maxsize=4096)
def _address(
    vendor: str, base_url: str, operation: str, options: tuple[tuple[str, str], ...], *, is_stream: bool, verb: str
) -> str:
    """An address that lacks nothing but its model."""
    row, usual = ROWS[vendor], OPERATIONS[operation]
    if not base_url:
        raise InvalidRequestError(f"A channel of type {vendor} needs a base URL.", field="base_url")
    path = row.serves[operation]
    for name, value in options:
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    path = path.replace("{verb}", verb or (is_stream and usual.stream_verb) or usual.verb)
    if is_stream and usual.stream_query:
        path += ("&" if "?" in path else "?") + usual.stream_query
    return join(base_url, path, known=row.serves.values())


def _quoted(model: str) -> str:
    if model in {"", ".", ".."}:  # as a segment of a path these would mean another path
        raise InvalidRequestError(f"There can be no model named {model!r}.", field="model")
    return quote(model, safe="")


def _proof(auth: Auth, key: str) -> dict[str, str]:
    if not key:
        return {}
    if auth in {Auth.BEARER, Auth.SERVICE_ACCOUNT}:
        return {"authorization": f"Bearer {key}"}
    return {auth.value: key}


def _row(name: str, table: dict[str, Any]) -> VendorRow:
    usual = {operation: OPERATIONS[operation].path for operation in table.pop("serves", ())}
    return VendorRow(
        type=name,
        serves=usual | table.pop("paths", {}),
        auth=Auth(table.pop("auth")) if "auth" in table else None,
        quirks=tuple(table.pop("quirks", ())),
        **table,
    )


def _load() -> dict[str, VendorRow]:
    table = tomllib.loads(files("tutti.vendors").joinpath("vendors.toml").read_text("utf-8"))
    return {name: _row(name, row) for name, row in table.items()}


ROWS: dict[str, VendorRow] = _load()
# Type -> what it serves, as `routing` needs it.
SERVED: dict[str, frozenset[str]] = {name: frozenset(row.serves) for name, row in ROWS.items()}
