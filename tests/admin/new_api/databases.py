"""Databases of other gateways, made by their schemas."""

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "data" / "new-api"
UPSTREAM = "http://upstream.test"


def make_database(folder: Path, flavour: str, *, upstream: str = UPSTREAM) -> Path:
    """The database of a new-api or one-api whose channel "main" leads to an upstream."""
    path = folder / f"{flavour}.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / f"{flavour}.sql").read_text("utf-8").replace("${upstream}", upstream))
    return path
