"""The durable store on SQLite: one file for each group of verbs, named SQL beside the functions that run it.

A verb is a plain function of a `Step` that runs inside the writer's transaction, and a method that awaits it and wakes
those who wait. Add one by writing both, and its case in the suite that every store passes.
"""

from tutti.tasks.sqlite.store import SqliteTaskStore

__all__ = ["SqliteTaskStore"]
