"""From files in hand to blobs that a result names.

A result names its files in dicts called `files`, wherever they stand in it: paths while an engine hands them over,
addresses while an upstream does, blob keys once stored. Each attempt has its own keys, so that a stale one overwrites
nothing. A result that says `is_growing` names files that are still being written.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def blob_key(task_id: str, attempt: int, name: str) -> str:
    """Where a result file of one attempt is stored."""
    return f"results/{task_id}/{attempt}/{name}"


def named_files(result: Any) -> list[str]:
    """Every file that a result (as plain JSON values) names, each once, in order of appearance."""
    return list(dict.fromkeys(_names(result)))


def is_growing(result: Any) -> bool:
    """Whether the files that a result names are not whole yet."""
    return isinstance(result, Mapping) and bool(result.get("is_growing"))


def named_keys(intent: Any) -> list[str]:
    """Every blob key that an intent (as plain JSON values) names: the strings in fields whose names end in `_key`."""
    return list(dict.fromkeys(_keys(intent)))


def with_files(result: Any, stored: Mapping[str, str]) -> Any:
    """The same result naming each file by what it is stored as."""
    if isinstance(result, Mapping):
        return {
            key: {label: stored[name] for label, name in value.items()} if key == "files" else with_files(value, stored)
            for key, value in result.items()
        }
    if isinstance(result, list | tuple):
        return [with_files(value, stored) for value in result]
    return result


def _names(result: Any) -> Iterator[str]:
    if isinstance(result, Mapping):
        for key, value in result.items():
            yield from value.values() if key == "files" else _names(value)
    elif isinstance(result, list | tuple):
        for value in result:
            yield from _names(value)


def _keys(intent: Any) -> Iterator[str]:
    if isinstance(intent, Mapping):
        for field, value in intent.items():
            if field.endswith("_key") and isinstance(value, str):
                yield value
            else:
                yield from _keys(value)
    elif isinstance(intent, list | tuple):
        for value in intent:
            yield from _keys(value)
