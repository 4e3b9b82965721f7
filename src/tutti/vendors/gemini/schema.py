"""JSON Schema as the subset that Gemini takes: types in capitals, no references, few keywords.

A keyword that it would refuse the request for is left out and named. https://ai.google.dev/api/caching#Schema, seen
2025-05.
"""

from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
# Takes the name of a keyword that is left out.
Drop = Callable[[str], None]

_KEPT = frozenset(
    {
        "title",
        "description",
        "default",
        "example",
        "pattern",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minProperties",
        "maxProperties",
        "minimum",
        "maximum",
        "propertyOrdering",
    }
)
_FORMATS = {
    "string": frozenset({"enum", "date-time"}),
    "number": frozenset({"float", "double"}),
    "integer": frozenset({"int32", "int64"}),
}
# Say nothing of values, or are made use of elsewhere.
_SILENT = frozenset(
    {"$schema", "$id", "$comment", "$defs", "definitions", "type", "nullable", "properties", "required"}
)
_DEEPEST = 32


def gemini_schema(schema: Schema, drop: Drop) -> dict[str, Any]:
    """The schema in Gemini's subset; a keyword left out is named to `drop`."""
    return _Writer(schema, drop).write(schema, ())


class _Writer:
    """Writes one schema; references are looked up in the whole of it."""

    def __init__(self, root: Schema, drop: Drop) -> None:
        self._root = root
        self._drop = drop

    def write(self, schema: Any, inside: tuple[str, ...]) -> dict[str, Any]:
        """One schema; `inside` are the references that it lies in, since one that holds itself has no end."""
        if not isinstance(schema, Mapping) or len(inside) > _DEEPEST:
            return {"type": "STRING"} if schema is True else {"type": "OBJECT"}
        if "$ref" in schema:
            return self._reference(schema, inside)
        schema = self._merged(schema, inside)
        told: dict[str, Any] = {}
        for name, value in schema.items():
            if name in _KEPT:
                told[name] = value
            elif name in _KEYWORDS:
                _KEYWORDS[name](self, told, schema, inside)
            elif name not in _SILENT:
                self._drop(name)
        self._put_type(told, schema)
        self._put_members(told, schema, inside)
        return told

    def _reference(self, schema: Schema, inside: tuple[str, ...]) -> dict[str, Any]:
        name = str(schema["$ref"])
        if name in inside:
            self._drop("$ref (to itself)")
            return {"type": "OBJECT"}
        found: Any = self._root
        for step in name.removeprefix("#").strip("/").split("/") if name != "#" else ():
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping) or not name.startswith("#"):
            self._drop("$ref")
            return {"type": "OBJECT"}
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return self.write({**found, **beside}, (*inside, name))

    def _merged(self, schema: Schema, inside: tuple[str, ...]) -> Schema:
        """The schema with what `allOf` adds put into it."""
        if not isinstance(schema.get("allOf"), list):
            return schema
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            found = self._found(part, inside)
            for key, value in found.items():
                if key == "properties" and isinstance(merged.get(key), Mapping):
                    merged[key] = {**merged[key], **value}
                elif key == "required" and isinstance(merged.get(key), list):
                    merged[key] = [*dict.fromkeys([*merged[key], *value])]
                else:
                    merged.setdefault(key, value)
        return merged

    def _found(self, schema: Any, inside: tuple[str, ...]) -> Schema:
        """What a part of `allOf` stands for; a reference is followed once."""
        if not isinstance(schema, Mapping):
            return {}
        name = schema.get("$ref")
        if not isinstance(name, str) or name in inside or not name.startswith("#/"):
            return schema
        found: Any = self._root
        for step in name[2:].split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def _put_type(self, told: dict[str, Any], schema: Schema) -> None:
        kinds = schema.get("type")
        names = [kind.lower() for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
        if schema.get("nullable") is True or ("null" in names and len(names) > 1):
            told["nullable"] = True
        names = [name for name in names if name != "null"] or names
        if not names:
            names = [] if "anyOf" in told or "type" in told else [_guessed(schema)]
        if len(names) == 1:
            told["type"] = names[0].upper()
        elif names:
            told["anyOf"] = [{"type": name.upper()} for name in names]
        known = _FORMATS.get(names[0], frozenset()) if len(names) == 1 else frozenset()
        if "format" in schema and schema["format"] in known:
            told["format"] = schema["format"]
        elif "format" in schema:
            self._drop("format")

    def _put_members(self, told: dict[str, Any], schema: Schema, inside: tuple[str, ...]) -> None:
        members = schema.get("properties")
        if isinstance(members, Mapping) and members:
            told["properties"] = {name: self.write(member, inside) for name, member in members.items()}
            required = [name for name in schema.get("required") or () if name in members]
            if required:
                told["required"] = required
        if told.get("type") == "ARRAY" and "items" not in told:
            # Refused without; what the items are is not said.
            told["items"] = {"type": "STRING"}

    def put_items(self, told: dict[str, Any], schema: Schema, inside: tuple[str, ...]) -> None:
        told["items"] = self.write(schema["items"], inside)

    def put_any_of(self, told: dict[str, Any], schema: Schema, inside: tuple[str, ...]) -> None:
        options = schema.get("anyOf") or schema.get("oneOf") or []
        others = [option for option in options if not (isinstance(option, Mapping) and option.get("type") == "null")]
        if len(others) < len(options):
            told["nullable"] = True
        if len(others) == 1:
            told.update(self.write(others[0], inside))
        elif others:
            told["anyOf"] = [self.write(option, inside) for option in others]

    def put_enum(self, told: dict[str, Any], schema: Schema, _: tuple[str, ...]) -> None:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        words = [value for value in values if isinstance(value, str)]
        if None in values:
            told["nullable"] = True
        if words and len(words) == len([value for value in values if value is not None]):
            told["enum"] = words
        else:
            # Its enums are of strings alone.
            self._drop("enum" if "enum" in schema else "const")

    def put_exclusive(self, told: dict[str, Any], schema: Schema, _: tuple[str, ...]) -> None:
        # A bound that is not reached: for whole numbers it is the next one.
        for name, bound, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
            value = schema.get(name)
            if value is None or isinstance(value, bool):
                continue
            if schema.get("type") == "integer" and isinstance(value, int):
                told[bound] = value + step
            else:
                self._drop(name)

    def put_format(self, told: dict[str, Any], schema: Schema, inside: tuple[str, ...]) -> None:
        """Nothing: the type says which formats are known, and is written last."""


def _guessed(schema: Schema) -> str:
    """The type of a schema that does not tell it."""
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    return "string" if "enum" in schema or "const" in schema or "pattern" in schema else "object"


_KEYWORDS: dict[str, Callable[[_Writer, dict[str, Any], Schema, tuple[str, ...]], None]] = {
    "items": _Writer.put_items,
    "anyOf": _Writer.put_any_of,
    "oneOf": _Writer.put_any_of,
    "enum": _Writer.put_enum,
    "const": _Writer.put_enum,
    "exclusiveMinimum": _Writer.put_exclusive,
    "exclusiveMaximum": _Writer.put_exclusive,
    "format": _Writer.put_format,
}
