"""Which schema this code speaks, and how a database is brought to it without loading the migration library.

An ordinary start reads one row. Only a new or an older database costs a child process that runs `migrate.py`.
"""

import contextlib
import subprocess
import sys
from pathlib import Path

from tutti.database.driver import open_for_reading, sqlite, store_error
from tutti.errors import StoreError

DATABASE_FILE = "tutti.sqlite3"

# Every migration, oldest first; the last is the schema of this code. A test compares it with the scripts.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")

_HEAD_OF_DATABASE = "SELECT version_num FROM alembic_version"
_HAS_VERSION_TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"


def revision_of(path: Path) -> str | None:
    """The schema of a database file, None when there is none yet. Raises `StoreError` for a damaged file."""
    if not path.exists():
        return None
    with contextlib.closing(open_for_reading(path)) as connection:
        try:
            if connection.execute(_HAS_VERSION_TABLE).fetchone() is None:
                return None
            row = connection.execute(_HEAD_OF_DATABASE).fetchone()
        except sqlite.Error as error:
            raise store_error(error) from error
    return None if row is None else str(row[0])


def refuse_newer(path: Path, revision: str | None) -> None:
    """Raise `StoreError` when a later version of Tutti has written the database."""
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            f"The database {path} has schema {revision}, newer than this version of Tutti knows ({REVISIONS[-1]}): "
            "install the newer version again, or restore the copy made before the upgrade."
        )


def ensure_schema(path: Path) -> None:
    """Make the database, or upgrade it, in a child process; nothing when it is up to date. Raises `StoreError`."""
    revision = revision_of(path)
    refuse_newer(path, revision)
    if revision == REVISIONS[-1]:
        return
    done = subprocess.run(
        [sys.executable, "-m", "tutti.database.migrate", str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StoreError(f"The database {path} could not be brought to this version: {done.stderr.strip()}")
