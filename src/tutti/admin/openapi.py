"""The admin API as OpenAPI, made of the deeds themselves: whoever adds a deed has it described."""

from functools import cache
from typing import Any

import msgspec

from tutti import __version__
from tutti.admin.forms import FORMS, GIVEN, NAMES, words_of

PATH = "/api/admin/v1"
_REF = "#/components/schemas/{name}"
# The subject of a deed by a word in its name; the first that fits.
_TAGS = {
    "webhook": "webhooks",
    "redeliver": "webhooks",
    "key": "keys",
    "channel": "channels",
    "price": "prices",
    "task": "tasks",
    "call": "calls",
    "explain": "calls",
    "user": "people",
    "group": "people",
    "top_up": "people",
    "take_over": "data",
    "backup": "data",
    "check": "data",
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message", "field"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "field": {"type": ["string", "null"], "description": "The argument that it is about."},
    },
}
_PROBLEMS = {
    "400": "The arguments do not fit.",
    "401": "There is no system access token, or an unknown one.",
    "403": "Whose token it is, is no administrator; or there is not enough credit to take.",
    "404": "What is named is not there.",
    "409": "What is there already, or a state that does not allow it.",
    "503": "It cannot be done now.",
}


@cache
def document() -> bytes:
    """The description as JSON."""
    kinds = [*FORMS.values(), *GIVEN.values()]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    asked, given = schemas[: len(NAMES)], schemas[len(NAMES) :]
    paths = {
        f"{PATH}/deeds/{name}": {"post": _operation(name, form, result)}
        for name, form, result in zip(NAMES, asked, given, strict=True)
    }
    paths[f"{PATH}/openapi.json"] = {"get": _description()}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Tutti: the admin API",
                "version": __version__,
                "description": (
                    "What operators do, as the command line does it. Times are milliseconds since 1970 UTC, amounts are"
                    " units, 500,000 to the US dollar."
                ),
            },
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": {**components, "Problem": _PROBLEM},
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer", "description": "The system access token."}
                },
            },
        }
    )


def _operation(name: str, form: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    answer = {"type": "object", "required": ["result"], "properties": {"result": result}}
    return {
        "operationId": name,
        "tags": [next(tag for word, tag in _TAGS.items() if word in name)],
        "description": words_of(name),
        "requestBody": {"required": True, "content": {"application/json": {"schema": form}}},
        "responses": {"200": _reply("Done.", answer), **_problems()},
    }


def _description() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "tags": ["data"],
        "description": "This description.",
        "responses": {"200": _reply("OpenAPI 3.1.", {"type": "object"}), **_problems()},
    }


def _problems() -> dict[str, Any]:
    problem = {"$ref": _REF.format(name="Problem")}
    return {status: _reply(words, problem) for status, words in _PROBLEMS.items()}


def _reply(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
