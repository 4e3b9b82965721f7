"""Rows for the engines of `fakes.py`; apart from them, so that their children start quickly."""

from tutti.engines.registry import EngineRow


def row(name="fake", factory="FakeEngine", **changes):
    """A row for an engine of `fakes.py` that serves lyrics wishes."""
    fields = {"kinds": frozenset({"lyrics"}), "peak_memory_mb": 50, "silence_s": 20.0}
    return EngineRow(name=name, factory=f"tests.engines.fakes:{factory}", **(fields | changes))
