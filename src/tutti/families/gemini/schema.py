"""Google's schemas, a subset of OpenAPI's with types in capitals, as JSON Schema.

https://ai.google.dev/api/caching#Schema, seen 2025-05.
"""

from collections.abc import Mapping
from typing import Any

from tutti.wires.gemini import camel

# Where a schema holds further ones: one, a list of them, or named ones.
_ONE = frozenset({"items", "additionalProperties"})
_MANY = frozenset({"anyOf", "prefixItems", "oneOf", "allOf"})
_NAMED = frozenset({"properties", "$defs", "definitions"})
# Numbers that Google's own JSON writes as text, since they are 64 bits wide.
_COUNTS = frozenset(
    {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"},
)


def json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in JSON Schema's words; field names may be in snake_case."""
    told: dict[str, Any] = {}
    for key, value in schema.items():
        name = camel(key)
        told[name] = _value(name, value)
    if told.pop("nullable", False) and isinstance(told.get("type"), str):
        told["type"] = [told["type"], "null"]
    told.pop("propertyOrdering", None)
    return told


def _value(name: str, value: Any) -> Any:
    if name == "type" and isinstance(value, str):
        return value.lower()
    if name in _COUNTS and isinstance(value, str) and value.isdigit():
        return int(value)
    if name in _ONE and isinstance(value, Mapping):
        return json_schema(value)
    if name in _MANY and isinstance(value, list):
        return [json_schema(item) if isinstance(item, Mapping) else item for item in value]
    if name in _NAMED and isinstance(value, Mapping):
        return {key: json_schema(item) if isinstance(item, Mapping) else item for key, item in value.items()}
    return value
