"""Save the database while it is in use, and put a saved one back. Files of results are not in it."""

import contextlib
import os
import time
from pathlib import Path

from tutti.database.driver import open_for_reading, sqlite, store_error
from tutti.database.schema import refuse_newer, revision_of
from tutti.errors import ConflictError, StoreError


def backup(path: Path, target: Path) -> None:
    """Write the database as it stands at one moment to a new file; a running server is not held up.

    The file appears under its name only when it is whole and on the disk. Raises `ConflictError` when the target
    exists, `StoreError` when reading or writing fails.
    """
    if target.exists():
        raise ConflictError(f"{target} exists already: choose another name or remove it.")
    unfinished = target.with_name(f"{target.name}.part")
    _copy(path, unfinished)
    unfinished.replace(target)


def restore(saved: Path, path: Path) -> Path | None:
    """Put a saved database in place of the present one; gives where the present one was moved, None without one.

    Who calls holds the `DirectoryLock`, so that nobody writes. Raises `StoreError` when the saved file is damaged, no
    database of Tutti, or newer than this code; nothing is changed then.
    """
    revision = revision_of(saved)
    if revision is None:
        raise StoreError(f"{saved} is not a Tutti database.")
    refuse_newer(saved, revision)
    unfinished = path.with_name(f"{path.name}.part")
    _copy(saved, unfinished)
    aside = _move_aside(path)
    unfinished.replace(path)
    return aside


def _copy(source_path: Path, target_path: Path) -> None:
    """Copy through SQLite, which sees one moment of a file in use; then prove the copy."""
    target_path.unlink(missing_ok=True)
    try:
        with (
            contextlib.closing(open_for_reading(source_path)) as source,
            contextlib.closing(sqlite.connect(target_path)) as target,
        ):
            # In one step: a read transaction keeps the moment, and writers go on beside it.
            source.backup(target)
            damage = target.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite.Error as error:
        target_path.unlink(missing_ok=True)
        raise store_error(error) from error
    if damage != "ok":
        target_path.unlink()
        raise StoreError(f"{source_path} is damaged: {damage}.")
    with target_path.open("rb") as file:
        os.fsync(file.fileno())


def _move_aside(path: Path) -> Path | None:
    """Keep the present database, log included, under another name."""
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.before-restore-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}")
    for suffix in ("-wal", "-shm", ""):
        part = Path(f"{path}{suffix}")
        if part.exists():
            part.replace(f"{aside}{suffix}")
    return aside
