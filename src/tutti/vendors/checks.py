"""Whether a channel has what its kind of upstream needs, said when it is described and not when it is first used."""

import json

from tutti.errors import InvalidRequestError
from tutti.routing.channels import Channel
from tutti.vendors.operations import Auth
from tutti.vendors.registry import ROWS, VendorRow, check_base_url, missing_options

# What a service account's file must say for us to speak for it.
_ACCOUNT_FIELDS = ("client_email", "private_key", "token_uri")


def check_channel(channel: Channel) -> None:
    """Raise `InvalidRequestError` naming the field that is missing or wrong; no message tells a key."""
    row = ROWS.get(channel.type)
    if row is None:
        known = ", ".join(ROWS)
        raise InvalidRequestError(f"There is no type {channel.type!r}; known are {known}.", field="type")
    _check_address(channel, row)
    _check_options(channel, row)
    _check_keys(channel, row)


def _check_address(channel: Channel, row: VendorRow) -> None:
    if channel.base_url:
        check_base_url(channel.base_url)
    elif not row.base_url:
        raise InvalidRequestError(f"A channel of type {row.type} needs a base URL.", field="base_url")


def _check_options(channel: Channel, row: VendorRow) -> None:
    unknown = sorted(channel.options.keys() - row.options.keys())
    if unknown:
        known = ", ".join(row.options) or "none"
        raise InvalidRequestError(
            f"A channel of type {row.type} has no option {unknown[0]!r}; known: {known}.", field="options"
        )
    missing = missing_options(row, channel.options)
    if missing:
        raise InvalidRequestError(f"A channel of type {row.type} needs the option {missing[0]!r}.", field="options")


def _check_keys(channel: Channel, row: VendorRow) -> None:
    if not channel.keys and not row.is_keyless:
        raise InvalidRequestError(f"A channel of type {row.type} needs a key.", field="keys")
    for number, key in enumerate(channel.keys, 1):
        if row.auth is Auth.SERVICE_ACCOUNT:
            _check_account(number, key)
        elif key.startswith("{"):
            raise InvalidRequestError(f"Key {number} is JSON, which only type vertex takes.", field="keys")


def _check_account(number: int, key: str) -> None:
    try:
        account = json.loads(key)
    except ValueError:
        account = None
    if not isinstance(account, dict) or not all(isinstance(account.get(field), str) for field in _ACCOUNT_FIELDS):
        wanted = ", ".join(_ACCOUNT_FIELDS)
        raise InvalidRequestError(f"Key {number} is not the JSON of a service account, with {wanted}.", field="keys")
