"""JSON Schema in Gemini's subset."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.vendors.gemini.schema import gemini_schema

TREE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Tree"}, "name": {"type": "string"}}}
KNOWN = {
    "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required",
    "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf", "propertyOrdering",
    "default", "items", "minimum", "maximum",
}  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "told", "dropped"),
    [
        ({"type": "string"}, {"type": "STRING"}, []),
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}, []),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]}, []),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "STRING", "nullable": True}, []),
        ({"oneOf": [{"type": "string"}, {"type": "array"}]},
         {"anyOf": [{"type": "STRING"}, {"type": "ARRAY", "items": {"type": "STRING"}}]}, []),
        ({"const": "a"}, {"type": "STRING", "enum": ["a"]}, []),
        ({"type": "integer", "enum": [1, 2]}, {"type": "INTEGER"}, ["enum"]),
        ({"type": "string", "enum": ["a", None]}, {"type": "STRING", "enum": ["a"], "nullable": True}, []),
        ({"type": "string", "format": "email"}, {"type": "STRING"}, ["format"]),
        ({"type": "string", "format": "date-time"}, {"type": "STRING", "format": "date-time"}, []),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "INTEGER", "minimum": 1}, []),
        ({"type": "number", "exclusiveMaximum": 1}, {"type": "NUMBER"}, ["exclusiveMaximum"]),
        ({"type": "object", "additionalProperties": False}, {"type": "OBJECT"}, ["additionalProperties"]),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "boolean"}}}, {"type": "BOOLEAN"}, []),
        ({"$ref": "https://e.test/a"}, {"type": "OBJECT"}, ["$ref"]),
        ({"allOf": [{"properties": {"a": {"type": "string"}}}, {"required": ["a"]}]},
         {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]}, []),
        ({"type": "object", "properties": {"enum": {"type": "string"}}},
         {"type": "OBJECT", "properties": {"enum": {"type": "STRING"}}}, []),
        ({"$defs": {"Tree": TREE}, "$ref": "#/$defs/Tree"},
         {"type": "OBJECT", "properties": {"next": {"type": "OBJECT"}, "name": {"type": "STRING"}}},
         ["$ref (to itself)"]),
    ],
)  # fmt: skip
def test_keyword(schema: dict[str, Any], told: dict[str, Any], dropped: list[str]) -> None:
    names: list[str] = []
    assert gemini_schema(schema, names.append) == told
    assert names == dropped


def keywords(schema: dict[str, Any]) -> set[str]:
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [schema["items"]] if "items" in schema else []
    return set(schema).union(*map(keywords, inner))


leaf = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", ["null", "number"], "array", "object", 7]),
        "format": st.text(max_size=4),
        "enum": st.lists(st.one_of(st.text(max_size=3), st.integers(), st.none()), max_size=3),
        "const": st.integers(),
        "$ref": st.sampled_from(["#", "#/$defs/a", "#/nowhere", "elsewhere"]),
        "not": st.just({}),
        "required": st.lists(st.sampled_from("ab"), max_size=2),
    },
)
schemas = st.recursive(
    leaf,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array"]),
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "items": inner,
            "anyOf": st.lists(inner, max_size=2),
            "allOf": st.lists(inner, max_size=2),
            "$defs": st.fixed_dictionaries({"a": inner}),
        },
    ),
    max_leaves=8,
)


@given(schemas)
def test_no_schema_keeps_what_gemini_refuses(schema: dict[str, Any]) -> None:
    assert keywords(gemini_schema(schema, lambda _: None)) <= KNOWN
