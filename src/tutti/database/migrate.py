"""Bring a database file to the schema of this code: `python -m tutti.database.migrate PATH`.

It runs in a process of its own, so that the server never loads the migration library. All steps are one transaction: a
crash in the middle leaves the old schema, and the next start does it again.
"""

import contextlib
import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from tutti.database import schema
from tutti.database.driver import open_for_reading, open_for_writing, sqlite, store_error
from tutti.database.schema import refuse_newer, revision_of
from tutti.errors import StoreError
from tutti.kit.failpoint import hit

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(path: Path) -> Path | None:
    """Upgrade (or make) the database; gives the copy made before an upgrade, None when there was nothing to copy.

    Raises `StoreError` when the database is newer than this code, damaged or cannot be written.
    """
    present, target = revision_of(path), schema.REVISIONS[-1]
    refuse_newer(path, present)
    if present == target:
        return None
    copy = None if present is None else copy_aside(path, present)
    hit("migrate-copied")
    try:
        engine = _engine(path)
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection), target)
            hit("migrate-written")
    except DatabaseError as error:
        raise _store_error(error) from error
    except CommandError as error:
        raise StoreError(f"The database cannot be upgraded: {error}.") from error
    return copy


def copy_aside(path: Path, revision: str) -> Path:
    """A whole copy beside the database, named for its schema; it appears under its name only when complete."""
    copy = path.with_name(f"{path.name}.before-{revision}")
    unfinished = copy.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with (
            contextlib.closing(open_for_reading(path)) as source,
            contextlib.closing(sqlite.connect(unfinished)) as target,
        ):
            source.backup(target)
    except sqlite.Error as error:
        raise store_error(error) from error
    unfinished.replace(copy)
    return copy


def alembic_config(connection: Any) -> Config:
    """The migration library's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _engine(path: Path) -> Engine:
    """The database through our own driver, every transaction begun at once and as a whole, DDL included."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool, module=sqlite)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _connect(path: Path) -> Any:
    connection = open_for_writing(path)
    # Batch mode makes a table anew under its old name; that must not cascade into those that refer to it.
    connection.execute("PRAGMA foreign_keys=OFF")
    return connection


def _store_error(error: DatabaseError) -> StoreError:
    cause = error.orig
    return store_error(cause) if isinstance(cause, sqlite.Error) else StoreError(str(error))


def main() -> int:
    """Upgrade the file named on the command line; 0 when done, 1 with the reason on stderr."""
    try:
        upgrade(Path(sys.argv[1]))
    except StoreError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
