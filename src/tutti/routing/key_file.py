"""The keys that channels' secrets are sealed under: files beside the database, never in it.

To change the key, rename `secrets/channel-key` to `secrets/channel-key.old` and start the server: it makes a new one
and seals everything anew, after which the old file can go.
"""

from tutti.kit.seal import Seal
from tutti.kit.secret_file import read_or_make_secret
from tutti.places import Places

_NAME = "channel-key"


def open_seal(places: Places) -> Seal:
    """The seal of a data directory, its key made at the first call."""
    older = places.secret(f"{_NAME}.old")
    return Seal(read_or_make_secret(places.secret(_NAME)), *([older.read_bytes()] if older.exists() else []))
