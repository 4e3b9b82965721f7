"""Channels of the New-API family, in our words. Pure."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import msgspec

from tutti.admin.new_api.database import Row, Rows, group, json_object, listed, number, text
from tutti.admin.taken import TakenChannel, TakeoverLine
from tutti.routing.described import split_keys

_ENABLED = 1
_OPENAI = "api.openai.com"
# What our channels have no place for: column, and how it is told.
_LOST = {
    "status_code_mapping": "its mapping of status codes",
    "system_prompt": "its system prompt",
    "setting": "its setting",
    "settings": "its settings",
}


def take_channels(rows: Rows) -> tuple[list[TakenChannel], list[TakeoverLine]]:
    """Every channel whose vendor we know; names that come twice have the number of the channel after them."""
    vendors = tomllib.loads(files(__package__).joinpath("vendors.toml").read_text("utf-8"))[rows.flavour]
    taken, missing, names = [], [], set[str]()
    for row in rows.channels:
        name = text(row, "name") or f"channel #{number(row, 'id')}"
        name = f"{name} #{number(row, 'id')}" if name in names else name
        names.add(name)
        vendor = vendors.get(str(number(row, "type")), f"type {number(row, 'type')}")
        if isinstance(vendor, str):
            note = f"there is no counterpart of {vendor} here"
            missing.append(TakeoverLine(kind="channel", name=name, outcome="left out", note=note))
        else:
            taken.append(_channel(row, name, vendor))
    return taken, missing


def _channel(row: Row, name: str, vendor: dict[str, str]) -> TakenChannel:
    kind, base_url = vendor["type"], text(row, "base_url") or vendor.get("base_url", "")
    if kind == "openai" and base_url and _OPENAI not in base_url:
        kind = "openai-compatible"
    models = listed(row, "models")
    keys = _keys(row)
    settings: dict[str, Any] = {
        "type": kind,
        "base_url": base_url,
        "models": models,
        # There a name that is only mapped is not served.
        "model_map": {
            asked: upstream
            for asked, upstream in json_object(text(row, "model_mapping")).items()
            if asked in models and isinstance(upstream, str) and upstream
        },
        "groups": tuple(dict.fromkeys(group(one) for one in listed(row, "group") or ("default",))),
        "priority": number(row, "priority"),
        # There a weight of 0 has its turn as well.
        "weight": max(1, number(row, "weight")),
        "param_overrides": {} if "operations" in _json(row, "param_override") else _json(row, "param_override"),
        "options": _options(kind, row, keys),
        "is_on": number(row, "status", _ENABLED) == _ENABLED,
    }
    return TakenChannel(name=name, settings=settings, keys=keys, headers=_headers(row), note=_note(row))


def _keys(row: Row) -> list[str]:
    """The keys that are on: several stand in lines, or in a JSON list when they are JSON themselves."""
    key = text(row, "key")
    if key.startswith("["):
        inner = json_object(f'{{"keys": {key}}}').get("keys", [])
        keys = [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in inner]
    else:
        keys = split_keys(key)
    states = _json(row, "channel_info").get("multi_key_status_list") or {}
    return [one for index, one in enumerate(keys) if states.get(str(index), _ENABLED) == _ENABLED]


def _options(kind: str, row: Row, keys: list[str]) -> dict[str, str]:
    """What the vendor needs beside: the column `other`, or one-api's `config`."""
    other, config = text(row, "other"), _json(row, "config")
    match kind:
        case "azure":
            version = config.get("api_version") or other
            return {"api_version": version} if isinstance(version, str) and version else {}
        case "vertex":
            project = json_object(keys[0]).get("project_id") if keys else None
            region = config.get("region") or json_object(other).get("default") or ("" if "{" in other else other)
            found = {"project": config.get("vertex_ai_project_id") or project, "region": region}
            return {name: value for name, value in found.items() if isinstance(value, str) and value}
        case _:
            return {}


def _headers(row: Row) -> dict[str, str]:
    told = {name: value for name, value in _json(row, "header_override").items() if isinstance(value, str)}
    organization = text(row, "openai_organization")
    return {"OpenAI-Organization": organization, **told} if organization else told


def _note(row: Row) -> str:
    """What is lost."""
    return "; ".join(f"{what} is not taken over" for what in _losses(row))


def _losses(row: Row) -> Iterator[str]:
    for column, what in _LOST.items():
        told = text(row, column)
        if any(_json(row, column).values()) if told.startswith("{") else told not in {"", "null"}:
            yield what
    if "operations" in _json(row, "param_override"):
        yield "its list of operations on parameters"


def _json(row: Row, name: str) -> dict[str, Any]:
    told = row.get(name)
    return json_object(told.decode("utf-8", "replace") if isinstance(told, bytes) else text(row, name))
