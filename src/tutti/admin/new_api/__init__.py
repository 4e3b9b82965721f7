"""What a gateway of the New-API family keeps in its SQLite database, in the words of a `Takeover`.

`database.py` reads the file, `people.py` and `channels.py` say its rows anew, `vendors.toml` knows its types of
channels. The tables are those of QuantumNous/new-api and of songquanpeng/one-api, which new-api came from
(model/user.go, token.go, channel.go, option.go in both, seen 2026-11); forks add columns, and columns
that are not there count as empty.
"""

from pathlib import Path

from tutti.admin.new_api.channels import take_channels
from tutti.admin.new_api.database import prices_of, read_rows
from tutti.admin.new_api.people import take_keys, take_users
from tutti.admin.taken import Takeover, TakeoverLine


def read_takeover(path: Path, *, source: str, now_ms: int) -> tuple[Takeover, list[TakeoverLine]]:
    """What there is to take over, and what cannot be. Raises `InvalidRequestError` for what is no such database.

    `source` names the gateway for good: who was taken over from it once is known by that name. Keys that have ended by
    `now_ms` (milliseconds since 1970 UTC) are left out.
    """
    rows = read_rows(path)
    users, missing_users = take_users(rows.users, source)
    known = {user.ref for user in users}
    keys, missing_keys = take_keys(rows, source, known, now_ms=now_ms)
    channels, missing_channels = take_channels(rows)
    taken = Takeover(source=source, users=users, keys=keys, channels=channels, prices=prices_of(rows.options))
    return taken, [*missing_users, *missing_keys, *missing_channels]


__all__ = ["read_takeover"]
