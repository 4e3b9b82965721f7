"""The command line against a running server, a stopped one and a killed one."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.flows.process import TuttiProcess, until

EXPIRES_S = 20.0


@pytest.fixture(params=["running", "stopped", "killed"])
def directory(request: pytest.FixtureRequest, fresh: TuttiProcess) -> TuttiProcess:
    """A data directory whose server is in one of three states."""
    fresh.start()
    if request.param == "stopped":
        fresh.stop()
    elif request.param == "killed":
        fresh.kill()
        assert (fresh.data / "admin.sock").exists()
    return fresh


def test_every_deed_is_done_in_every_state(directory: TuttiProcess) -> None:
    tutti = directory
    made = tutti.tutti_json("users", "create", "mira", "--units", "1000")
    assert (made[0]["name"], made[0]["quota"], made[0]["is_admin"]) == ("mira", 1000, False)
    for _ in range(2):
        tutti.tutti("users", "topup", "mira", "500", "--ref", "invoice-17")
    tutti.tutti("users", "topup", "mira", "--ref", "back", "--", "-300")
    assert tutti.quota("mira") == 1200
    assert "already" in tutti.tutti("users", "create", "mira", code=1).stderr
    assert "nobody" in tutti.tutti("users", "topup", "nobody", "1", code=1).stderr

    words = ("keys", "create", "ci", "--user", "mira", "--quota", "900", "--expires", "30d", "--models", "a, b")
    key = tutti.tutti_json(*words)
    assert (key["quota"], key["models"], key["secret"][:3], len(key["secret"])) == (900, ["a", "b"], "sk-", 51)
    (listed,) = tutti.tutti_json("keys", "list", "--user", "mira")
    assert listed == key | {"secret": None}
    tutti.tutti("keys", "revoke", str(key["id"]))
    assert tutti.tutti_json("keys", "list", "--user", "mira")[0]["is_revoked"]
    assert key["secret"] not in tutti.tutti("keys", "list").stdout
    assert "no key" in tutti.tutti("keys", "revoke", "999", code=1).stderr.lower()

    (first,) = tutti.tutti_json("webhooks", "secret", "mira")
    assert tutti.tutti_json("webhooks", "secret", "mira", "--rotate")[1] == first

    tutti.tutti("check")
    assert tutti.tutti_json("check") == []
    copy = tutti.folder / "copy.db"
    tutti.tutti("backup", str(copy))
    assert copy.stat().st_size > 0
    assert "exists" in tutti.tutti("backup", str(copy), code=1).stderr


@pytest.mark.parametrize(
    "words",
    [
        ("users", "create", "x", "--units", "-1"),
        ("users", "topup", "admin", "much"),
        ("keys", "create", "x", "--expires", "yesterday"),
        ("keys", "create", "x", "--expires", "2001-01-01"),
        ("keys", "create", "x", "--quota", "-1"),
        ("keys", "revoke", "x"),
        ("nothing",),
    ],
)
def test_wrong_usage_ends_with_two(fresh: TuttiProcess, words: tuple[str, ...]) -> None:
    assert fresh.tutti(*words, code=2).stderr


@pytest.mark.parametrize("words", [("users", "list"), ("check",), ("keys", "create", "x"), ("backup", "copy.db")])
def test_empty_directory_is_told_of(fresh: TuttiProcess, words: tuple[str, ...]) -> None:
    assert "There is no Tutti in" in fresh.tutti(*words, code=1).stderr
    assert not fresh.data.exists()


def test_running_server_hears_of_new_and_revoked_keys_at_once(server: TuttiProcess) -> None:
    key = server.tutti_json("keys", "create", "short-lived")
    with server.client(key["secret"]) as client:
        assert client.get("/v1/tasks").status_code == 200
        server.tutti("keys", "revoke", str(key["id"]))
        reply = client.get("/v1/tasks", headers={"Accept-Language": "en"})
    assert (reply.status_code, "revoked" in reply.text) == (401, True)


def test_key_ends_when_it_was_told_to(server: TuttiProcess) -> None:
    end = datetime.now(UTC) + timedelta(seconds=3)
    key = server.tutti_json("keys", "create", "fleeting", "--expires", end.isoformat())
    with server.client(key["secret"]) as client:
        until(lambda: client.get("/v1/tasks").status_code == 401, EXPIRES_S)
        assert "该令牌已过期" in client.get("/v1/tasks").text
    assert datetime.now(UTC) >= end


def test_backup_brings_back_what_was(fresh: TuttiProcess) -> None:
    copy = str(fresh.folder / "copy.db")
    fresh.start()
    kept = fresh.tutti_json("keys", "create", "kept")["secret"]
    fresh.tutti("backup", copy)
    lost = fresh.tutti_json("keys", "create", "lost")["secret"]
    assert "stop it" in fresh.tutti("restore", copy, code=1).stderr
    fresh.stop()
    fresh.tutti("restore", copy)
    fresh.tutti("check")
    fresh.start()
    with fresh.client(kept) as client:
        assert client.get("/v1/tasks").status_code == 200
    with fresh.client(lost) as client:
        assert client.get("/v1/tasks").status_code == 401


def test_second_server_is_told_who_holds_the_directory(server: TuttiProcess) -> None:
    assert "holds" in server.tutti("serve", "--port", "0", code=1).stderr
    with server.client() as client:
        assert client.get("/healthz").status_code == 200


def test_taken_port_is_told_of(server: TuttiProcess, fresh: TuttiProcess) -> None:
    port = server.url.rpartition(":")[2]
    assert f"Cannot listen on 127.0.0.1:{port}" in fresh.tutti("serve", "--port", port, code=1).stderr


def test_weights_are_listed_with_their_licences(fresh: TuttiProcess) -> None:
    models = fresh.tutti_json("models", "list")
    assert {"kokoro", "kokoro-voices", "fluid-r3-mono", "noto-sans-sc"} <= {model["name"] for model in models}
    assert all(model["licence"] for model in models)


def test_help_needs_no_directory(fresh: TuttiProcess) -> None:
    assert "tutti" in fresh.tutti("--help").stdout
    assert not fresh.data.exists()
