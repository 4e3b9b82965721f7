"""Which SQLite we speak to: the wheel's own when there is one, else that of Python.

SQLite before 3.51.3 can corrupt a file whose write-ahead log two connections reset at once. One writer that alone
checkpoints avoids it; the wheel avoids it twice. `RETURNING` needs 3.35.
"""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from tutti.errors import StoreError

if TYPE_CHECKING:
    # The wheel has the same face as the standard library, but no types.
    import sqlite3 as sqlite
else:
    try:
        from pysqlite3 import dbapi2 as sqlite
    except ImportError:
        import sqlite3 as sqlite

__all__ = ["Connection", "open_for_reading", "open_for_writing", "sqlite", "store_error"]

Connection = sqlite.Connection

_LEAST_VERSION = (3, 35, 0)
_BUSY_MS = 10_000

# FULL: a commit is on the disk before anyone is answered. A checkpoint every 4,000 pages (16 MB) keeps the log short;
# half as many pages meant twice as many pauses, seen in the 99th percentile of submits. With a
# cache of 32 MB in place of 8 MB a server grew by as much, and did not more (23,700 and 24,100 submits a second).
_WRITER_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA cache_size=-8000",
)

# The words SQLite uses for what an operator can mend, and what to tell them.
_ADVICE = (
    ("disk is full", "The disk is full: free some space on the volume of the data directory"),
    ("readonly", "The data directory is read-only: make it writable for the user that runs Tutti"),
    ("unable to open", "The database file cannot be opened: check that its directory exists and is writable"),
    ("malformed", "The database file is damaged: restore a backup with `tutti restore`"),
    ("not a database", "The file is not a Tutti database: restore a backup with `tutti restore`"),
    ("locked", "Another program holds the database: stop it, only the server may write to it"),
)


def open_for_writing(path: Path) -> Connection:
    """The one connection that writes; transactions are begun by hand. Raises `StoreError`."""
    if sqlite.sqlite_version_info < _LEAST_VERSION:
        raise StoreError(f"SQLite {sqlite.sqlite_version} is too old: 3.35 or newer is needed, install pysqlite3")
    # Prompts and webhook secrets lie in it, so it is its owner's alone, whatever the directory allows.
    with contextlib.suppress(OSError):  # where it cannot be made SQLite says why
        path.touch(mode=0o600)
    return _open(f"{path.absolute().as_uri()}?mode=rwc", _WRITER_PRAGMAS)


def open_for_reading(path: Path) -> Connection:
    """A connection that cannot write. Raises `StoreError` when there is no such database."""
    return _open(f"{path.absolute().as_uri()}?mode=ro", (f"PRAGMA busy_timeout={_BUSY_MS}", "PRAGMA query_only=ON"))


def store_error(error: sqlite.Error) -> StoreError:
    """What SQLite said, in words an operator can act on; the caller raises it `from` the original."""
    said = str(error)
    advice = next((words for sign, words in _ADVICE if sign in said), "The database refused the operation")
    return StoreError(f"{advice} (SQLite: {said}).")


def _open(uri: str, pragmas: tuple[str, ...]) -> Connection:
    try:
        # Handed between threads by us alone: opened and closed where the pool is, used in one thread.
        connection = sqlite.connect(uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512)
    except sqlite.Error as error:
        raise store_error(error) from error
    try:
        for pragma in pragmas:
            connection.execute(pragma)
    except sqlite.Error as error:
        connection.close()
        raise store_error(error) from error
    return connection
