"""A store in plain dicts that keeps every promise of the ports but durability: for tests and for embedding Tutti.

Verbs change nothing before they know they will succeed, and the event loop runs one at a time, so each is a
transaction.
"""

from tutti.tasks.memory.store import InMemoryTaskStore

__all__ = ["InMemoryTaskStore"]
