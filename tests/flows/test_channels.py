"""Channels by the command line, against a running and a stopped server, over a real upstream."""

import sqlite3
from collections.abc import Iterator

import pytest

from tests.flows.process import TuttiProcess
from tests.upstream.process import UpstreamProcess

SECRET, SECOND = "sk-first-very-secret-key-0001", "sk-second-very-secret-key-0002"


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamProcess]:
    with UpstreamProcess() as upstream:
        yield upstream


@pytest.fixture(params=["running", "stopped"])
def tutti(request: pytest.FixtureRequest, fresh: TuttiProcess) -> TuttiProcess:
    """A data directory, with and without a server."""
    fresh.start()
    if request.param == "stopped":
        fresh.stop()
    (fresh.folder / "keys").write_text(f"{SECRET}\n{SECOND}\n")
    return fresh


def test_channel_is_added_changed_and_removed(tutti: TuttiProcess, upstream: UpstreamProcess) -> None:
    (tutti.folder / "headers").write_text("X-Title: Tutti\n")
    words = ("--type", "gateway", "--base-url", upstream.url, "--models", "gpt-*, o3", "--map", "fast=gpt-4o-mini")
    secrets = ("--key-file", "keys", "--header-file", "headers")
    (made,) = tutti.tutti_json("channels", "add", "main", *words, *secrets, "--max-parallel", "5")
    assert made["settings"]["models"] == ["gpt-*", "o3"]
    assert made["settings"]["model_map"] == {"fast": "gpt-4o-mini"}
    assert (made["keys"], made["headers"], made["state"]) == (["...0001", "...0002"], ["X-Title"], "well")
    assert "already" in tutti.tutti("channels", "add", "main", *words, *secrets, code=1).stderr

    (changed,) = tutti.tutti_json("channels", "set", "main", "--weight", "3", "--max-parallel", "0")
    assert changed["settings"] == made["settings"] | {"weight": 3, "max_parallel": None}
    assert changed["keys"] == made["keys"]
    assert tutti.tutti_json("channels", "off", "main")[0]["state"] == "off"
    assert tutti.tutti_json("channels", "on", "main")[0]["state"] == "well"
    assert tutti.tutti_json("channels", "list") == [changed]
    assert tutti.tutti_json("channels", "show", "main") == changed

    tutti.tutti("channels", "remove", "main")
    assert tutti.tutti_json("channels", "list") == []
    assert "no channel" in tutti.tutti("channels", "set", "main", "--weight", "1", code=1).stderr


def test_trial_asks_the_upstream_with_every_key(tutti: TuttiProcess, upstream: UpstreamProcess) -> None:
    tutti.tutti("channels", "add", "a", "--type", "gateway", "--base-url", upstream.url, "--key-file", "keys")
    upstream.set_faults([{"key": SECOND, "fault": {"status": 401}}])
    done = tutti.tutti("channels", "test", "a", "--model", "gpt-4o", "--json", code=1)
    assert '"status": 200' in done.stdout
    assert "refused the key" in done.stdout
    upstream.set_faults([])
    first, second = tutti.tutti_json("channels", "test", "a", "--model", "gpt-4o")
    assert [first["verdict"], second["verdict"], first["key"]] == ["answered", "answered", "...0001"]
    assert upstream.seen()[-1]["model"] == "gpt-4o"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("openai", "/v1/chat/completions"),
        ("openai-compatible", "/v1/chat/completions"),
        ("anthropic", "/v1/messages"),
        ("gemini", "/v1beta/models/m-1:generateContent"),
        ("ollama", "/v1/chat/completions"),
    ],
)
def test_trial_speaks_the_wire_of_the_vendor(
    fresh: TuttiProcess, upstream: UpstreamProcess, kind: str, path: str
) -> None:
    fresh.start()
    fresh.stop()
    (fresh.folder / "keys").write_text(SECRET)
    words = ("--type", kind, "--base-url", upstream.url, "--models", "m-1", "--key-file", "keys")
    fresh.tutti("channels", "add", "a", *words)
    (trial,) = fresh.tutti_json("channels", "test", "a")
    assert (trial["verdict"], trial["is_ok"]) == ("answered", True)
    assert upstream.seen()[-1]["path"] == path


def test_trial_tells_of_an_upstream_that_nobody_reaches(fresh: TuttiProcess) -> None:
    fresh.start()
    fresh.stop()
    words = ("--type", "ollama", "--base-url", "http://127.0.0.1:1", "--models", "m-1")
    fresh.tutti("channels", "add", "a", *words)
    done = fresh.tutti("channels", "test", "a", "--json", code=1)
    assert "cannot be reached" in done.stdout


def test_no_secret_is_told_or_stored_in_plain_text(tutti: TuttiProcess, upstream: UpstreamProcess) -> None:
    words = ("--type", "gateway", "--base-url", upstream.url, "--models", "m-1", "--key-file", "keys")
    told = tutti.tutti("channels", "add", "main", *words).stdout
    upstream.set_faults([{"fault": {"status": 401}}])
    told += tutti.tutti("channels", "test", "main", code=1).stdout
    upstream.set_faults([])
    for verb in ("list", "show main", "list --json"):
        told += tutti.tutti("channels", *verb.split()).stdout
    tutti.tutti("backup", str(tutti.folder / "copy.db"))
    stored = b"".join(path.read_bytes() for path in (tutti.folder / "copy.db", *tutti.data.glob("tutti.db*")))
    for secret in (SECRET, SECOND):
        assert secret not in told
        assert secret not in tutti.log.read_text()
        assert secret.encode() not in stored
    with sqlite3.connect(tutti.folder / "copy.db") as copy:
        assert copy.execute("SELECT name FROM channels").fetchall() == [("main",)]
    copy.close()


def test_channel_of_tutti_toml_is_there_and_is_changed_there_alone(
    fresh: TuttiProcess, upstream: UpstreamProcess
) -> None:
    (fresh.folder / "keys").write_text(SECRET)
    (fresh.folder / "tutti.toml").write_text(
        f'[[channels]]\nname = "house"\ntype = "gateway"\nbase_url = "{upstream.url}"\n'
        'models = ["gpt-4o"]\nkey_file = "keys"\n'
    )
    fresh.start()
    (listed,) = fresh.tutti_json("channels", "list")
    assert (listed["name"], listed["is_declared"], listed["keys"]) == ("house", True, ["...0001"])
    assert "tutti.toml" in fresh.tutti("channels", "off", "house", code=1).stderr
    assert fresh.tutti_json("channels", "test", "house")[0]["is_ok"]


@pytest.mark.parametrize(
    "words",
    [
        ("add", "x"),
        ("add", "x", "--type", "openai", "--key-env", "NOT_THERE"),
        ("add", "x", "--type", "openai", "--key-file", "not-there"),
        ("add", "x", "--type", "openai", "--map", "a"),
        ("add", "x", "--type", "openai", "--param", "a=b"),
        ("add", "x", "--type", "openai", "--weight", "-1"),
        ("set", "x", "--header-file", "not-there"),
    ],
)
def test_wrong_usage_ends_with_two(fresh: TuttiProcess, words: tuple[str, ...]) -> None:
    assert fresh.tutti("channels", *words, code=2).stderr
