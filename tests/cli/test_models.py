import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.models.conftest import CONTENT, FakeHub, catalogue_of, file_of, hub, source
from tutti.cli import models
from tutti.models import store

__all__ = ["hub"]

FILE = file_of(CONTENT, source("hub", ("org/repo", "weights.bin")))


@pytest.fixture(autouse=True)
def _one_tiny_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> None:
    hub.files["/org/repo/resolve/main/weights.bin"] = CONTENT
    monkeypatch.setattr(store, "shipped_catalogue", lambda: catalogue_of(FILE))
    monkeypatch.setenv("TUTTI_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("TUTTI_MODEL_HUB", hub.url)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(models.app, arguments)
    assert result.exit_code == code, result.output
    return f"{result.output}{result.exception or ''}"


def test_list_pull_and_verify_agree(tmp_path: Path) -> None:
    assert json.loads(run("list", "--json"))[0]["place"] == "missing"
    run("verify", code=1)
    run("pull", "--engine", "song")
    listed = json.loads(run("list", "--json"))
    assert listed == [
        {
            "name": "tiny",
            "place": "cache",
            "path": str(tmp_path / "models" / "tiny" / "weights.bin"),
            "size": len(CONTENT),
            "licence": "MIT",
            "engine": "song",
            "purpose": "a test",
        }
    ]
    assert "cache" in run("verify", "tiny")


def test_unknown_name_ends_with_one_and_names_the_known() -> None:
    assert "known are tiny" in run("pull", "tony", code=1)
    assert "known are tiny" in run("verify", "tony", code=1)
