"""Every store, as for tasks: user 1 with key 1."""

from tests.databases import database, empty_database
from tests.tasks.conftest import clock, store

__all__ = ["clock", "database", "empty_database", "store"]
