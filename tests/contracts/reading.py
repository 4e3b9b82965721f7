"""Reading contract files, and checking replies against their fields."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "contracts"
FILES = sorted(FOLDER.glob("*.yaml"))
SCHEMA = json.loads((FOLDER / "schema.json").read_text("utf-8"))

_SIMPLE: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "null": (type(None),),
}


def contracts() -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text("utf-8")) for path in FILES]


def built_entries() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Contract and entry of everything that is served."""
    for contract in contracts():
        for entry in contract["endpoints"]:
            if entry["status"] == "built" and entry["method"] != "DOC":
                yield contract, entry


def fill(value: Any, values: dict[str, Any]) -> Any:
    """A value with every ${name} replaced."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda match: str(values[match[1]]), value)
    if isinstance(value, dict):
        return {key: fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, values) for item in value]
    return value


def at(reply: Any, path: str) -> Any:
    """The value at a dotted path whose numbers pick items."""
    for step in path.split("."):
        reply = reply[int(step)] if isinstance(reply, list) else reply[step]
    return reply


def check_fields(reply: Any, fields: list[dict[str, Any]], objects: dict[str, Any], *, where: str = "") -> None:
    """Every required field is there, and every field there has its type and one of its values."""
    for field in fields:
        for value in _values(reply, field["name"], is_required=bool(field.get("required")), where=where):
            place = f"{where}{field['name']}"
            assert _has_type(value, field["type"], objects, place), f"{place} is {value!r}, not {field['type']}"
            assert "enum" not in field or value in field["enum"], f"{place} is {value!r}"


def _values(reply: Any, path: str, *, is_required: bool, where: str) -> list[Any]:
    found = [reply]
    for step in [] if path == "." else path.split("."):
        name, _, is_list = step.partition("[")
        present = [item[name] for item in found if name in item]
        assert not is_required or len(present) == len(found), f"{where}{path} is missing"
        found = [item for items in present for item in items] if is_list else present
    return found


def _has_type(value: Any, types: str, objects: dict[str, Any], where: str) -> bool:
    return any(_has_one_type(value, name.strip(), objects, where) for name in types.split("|"))


def _has_one_type(value: Any, name: str, objects: dict[str, Any], where: str) -> bool:
    if name == "any":
        return True
    if name.startswith("array<"):
        inner = name.removeprefix("array<").removesuffix(">")
        return isinstance(value, list) and all(_has_type(item, inner, objects, where) for item in value)
    if name in _SIMPLE:
        is_wrong_bool = isinstance(value, bool) and name in ("integer", "number")
        return isinstance(value, _SIMPLE[name]) and not is_wrong_bool
    if not isinstance(value, dict):
        return False
    check_fields(value, objects[name], objects, where=f"{where}.")
    return True
