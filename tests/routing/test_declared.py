"""Channels in tutti.toml, their keys elsewhere."""

from pathlib import Path
from typing import Any

import pytest

from tutti.errors import InvalidRequestError
from tutti.routing.declared import declared_channels

TABLE = {"name": "main", "type": "openai", "models": ["gpt-4o"], "key_env": "OPENAI_KEY"}
ENVIRONMENT = {"OPENAI_KEY": "sk-a,sk-b", "EMPTY": " "}


def declared(*tables: dict[str, Any]) -> list[Any]:
    return declared_channels(tables, ENVIRONMENT)


def test_keys_come_from_a_variable() -> None:
    (found,) = declared(TABLE | {"weight": 3, "header_overrides": {"x-title": "Tutti"}})
    assert (found.name, found.keys, found.weight, found.models) == ("main", ("sk-a", "sk-b"), 3, frozenset({"gpt-4o"}))
    assert found.header_overrides == {"x-title": "Tutti"}
    assert found.is_declared


def test_keys_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-file\n")
    (found,) = declared({"name": "main", "type": "openai", "key_file": str(tmp_path / "key")})
    assert found.keys == ("sk-file",)


def test_server_without_keys_needs_none() -> None:
    (found,) = declared({"name": "main", "type": "ollama"})
    assert found.keys == ()


def test_id_depends_on_the_name_alone() -> None:
    first, second = declared(TABLE, TABLE | {"name": "spare"})
    assert (second.id, first.id) == tuple(one.id for one in declared(TABLE | {"name": "spare"}, TABLE | {"weight": 9}))
    assert first.id != second.id


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key_env": "MISSING"}, "MISSING holds no key"),
        ({"key_env": "EMPTY"}, "EMPTY holds no key"),
        ({"key_env": 5}, "either key_env or key_file"),
        ({"key_file": "x"}, "either key_env or key_file"),
        ({"key_env": None, "key_file": "nowhere/key"}, "nowhere/key cannot be read"),
        ({"weight": "heavy"}, "weight"),
        ({"key": "sk-literal"}, "no setting 'key'"),
    ],
)
def test_what_does_not_fit_is_told_with_the_channel(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        declared({name: value for name, value in (TABLE | changes).items() if value is not None})
    assert said in caught.value.message
    assert "'main'" in caught.value.message
    assert "sk-" not in caught.value.message


def test_name_is_needed_and_given_once() -> None:
    with pytest.raises(InvalidRequestError, match="Channel 2"):
        declared(TABLE, {"type": "openai"})
    with pytest.raises(InvalidRequestError, match="twice"):
        declared(TABLE, TABLE)
