"""Database files for tests: made once by the migrations, copied for each test."""

import shutil
from pathlib import Path

import pytest

from tutti.database.migrate import upgrade


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An up-to-date database without rows; copy it, never open it for writing."""
    path = tmp_path_factory.mktemp("empty") / "tutti.sqlite3"
    upgrade(path)
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    """A fresh database of this test's own."""
    return shutil.copy(empty_database, tmp_path / "tutti.sqlite3")
