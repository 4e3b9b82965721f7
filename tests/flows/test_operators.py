"""What operators look up and set, by the command line, against a running and a stopped server over a real upstream."""

import json
from collections.abc import Iterator

import pytest

from tests.flows.process import TuttiProcess, until
from tests.flows.receiver import Receiver
from tests.upstream.process import UpstreamProcess

FLUSH_S = 10.0
HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamProcess]:
    with UpstreamProcess() as upstream:
        yield upstream


@pytest.fixture
def called(fresh: TuttiProcess, upstream: UpstreamProcess) -> Iterator[tuple[TuttiProcess, str]]:
    """A server whose first channel failed and whose second one served a call, and the call's request id."""
    fresh.start()
    for name, priority in (("bad", "5"), ("good", "1")):
        (fresh.folder / name).write_text(f"sk-{name}-upstream-key-000")
        words = ("--type", "gateway", "--base-url", upstream.url, "--models", "gpt-*", "--priority", priority)
        fresh.tutti("channels", "add", name, *words, "--key-file", name)
    upstream.set_faults([{"key": "sk-bad-upstream-key-000", "fault": {"status": 500}}])
    with fresh.client() as client:
        reply = client.post("/v1/chat/completions", json=HELLO)
    assert reply.status_code == 200, reply.text
    until(lambda: fresh.tutti_json("logs"), FLUSH_S)
    yield fresh, reply.headers["x-request-id"]
    upstream.set_faults([])


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_a_call_is_logged_and_explained(called: tuple[TuttiProcess, str], state: str) -> None:
    tutti, request_id = called
    if state == "stopped":
        tutti.stop()
    (line,) = tutti.tutti_json("logs", "--user", "admin", "--since", "1h", "--channel", "good")
    assert (line["request_id"], line["channel"], line["model"], line["status"]) == (request_id, "good", "gpt-4o", 200)
    assert line["failures"][0].startswith("bad: ")
    assert tutti.tutti_json("logs", "--channel", "bad") == []
    assert "user" in tutti.tutti("logs", "--user", "nobody", code=1).stderr

    (story,) = tutti.tutti_json("explain", request_id)["calls"]
    cost = story["cost"]
    assert (cost["charged_as"], cost["group"]) == ("gpt-4o", "default")
    assert cost["units"] == cost["charged"] == line["units"] > 0
    assert [line["what"] for line in cost["lines"]] == ["prompt", "answer"]
    assert [row["kind"] for row in story["ledger"]] == ["flush"]
    told = tutti.tutti("explain", request_id).stdout
    for words in (f"not served by {line['failures'][0]}", "served by good", "by the price of gpt-4o", "charged"):
        assert words in told
    assert "nothing-known" in tutti.tutti("explain", "nothing-known", code=1).stderr


def test_a_call_that_nobody_served_tells_of_every_channel(
    called: tuple[TuttiProcess, str], upstream: UpstreamProcess
) -> None:
    tutti, _ = called
    upstream.set_faults([{"fault": {"status": 500}}])
    before = tutti.quota()
    with tutti.client() as client:
        reply = client.post("/v1/chat/completions", json=HELLO | {"stream": True})
    assert reply.status_code >= 500
    until(lambda: len(tutti.tutti_json("logs")) == 2, FLUSH_S)
    (story,) = tutti.tutti_json("explain", reply.headers["x-request-id"])["calls"]
    call = story["call"]
    assert [one.partition(":")[0] for one in call["failures"]] == ["bad", "good"]
    assert (call["status"], call["channel"], call["is_stream"]) == (reply.status_code, None, True)
    assert (call["units"], story["cost"]["units"], story["cost"]["note"], story["ledger"]) == (0, 0, None, [])
    assert tutti.quota() == before
    told = tutti.tutti("explain", reply.headers["x-request-id"]).stdout
    assert ("served by bad" in told, "served by good as" in told, "charged 0 units" in told) == (True, False, True)


def test_a_price_holds_for_the_very_next_call(called: tuple[TuttiProcess, str]) -> None:
    tutti, _ = called
    assert tutti.tutti_json("prices", "list") == []
    (shipped,) = tutti.tutti_json("prices", "list", "gpt-4o-2024-11-20")
    assert (shipped["name"], shipped["is_set"]) == ("gpt-4o", False)
    tutti.tutti("prices", "set", "models", "gpt-4o", '{"call": 0.5}')
    assert tutti.tutti_json("prices", "list", "gpt-4o")[0]["value"] == {"call": 0.5}
    before = tutti.quota()
    with tutti.client() as client:
        assert client.post("/v1/chat/completions", json=HELLO).status_code == 200
    until(lambda: tutti.quota() == before - 250_000, FLUSH_S)
    assert tutti.tutti_json("prices", "drop", "models", "gpt-4o") == [shipped]
    assert "No price was set" in tutti.tutti("prices", "drop", "models", "gpt-4o", code=1).stderr
    assert len(tutti.tutti_json("prices", "list", "--all")) > 100


def test_prices_of_another_gateway_are_rehearsed_and_taken_over(fresh: TuttiProcess) -> None:
    fresh.start()
    options = {"ModelRatio": {"house-1": 2.5}, "CompletionRatio": {"house-1": 4}, "GroupRatio": {"vip": 0.8}}
    (fresh.folder / "options.json").write_text(json.dumps(options))
    shown = fresh.tutti_json("prices", "import", "options.json", "--dry-run")
    assert fresh.tutti_json("prices", "list") == []
    fresh.tutti("prices", "import", "options.json")
    told = {(one["section"], one["name"]): one["value"] for one in fresh.tutti_json("prices", "list")}
    assert told == {("groups", "vip"): 0.8, ("models", "house-1"): {"input": 5, "output": 20}}
    assert told == {(one["section"], one["name"]): one["value"] for one in shown}
    (fresh.folder / "options.json").write_text("{")
    assert "JSON" in fresh.tutti("prices", "import", "options.json", code=1).stderr


def test_a_song_is_listed_explained_and_cancelled(server: TuttiProcess) -> None:
    before = server.quota()
    with server.client() as client:
        task_id = client.post("/suno/submit/music", json={"prompt": "[Verse]\nLanterns"}).json()["data"]
    (listed,) = server.tutti_json("tasks", "list", "--state", "queued", "--limit", "1")
    assert (listed["public_id"], listed["user"], listed["price"], listed["cost"]) == (task_id, "admin", 150_000, None)
    (story,) = server.tutti_json("explain", task_id)["tasks"]
    assert [(row["kind"], row["units"]) for row in story["ledger"]] == [("hold", -150_000)]
    assert server.tutti_json("tasks", "cancel", task_id)[0]["state"] == "cancelled"
    ended = server.tutti_json("tasks", "show", task_id)
    assert [row["units"] for row in ended["ledger"]] == [-150_000, 150_000]
    assert "cancelled, 0 units charged" in ended["history"][-1]["what"]
    assert "cancelled, 0 units charged" in server.tutti("explain", task_id).stdout.replace("\n", " ")
    assert server.quota() == before
    assert "There is no task" in server.tutti("tasks", "show", "nothing", code=1).stderr
    assert "state" in server.tutti("tasks", "list", "--state", "odd", code=1).stderr


def test_a_webhook_that_was_given_up_is_sent_again(server: TuttiProcess, receiver: Receiver) -> None:
    receiver.answer = 410
    with server.client() as client:
        form = {"prompt": "[Verse]\nLanterns", "notify_hook": receiver.url}
        task_id = client.post("/suno/submit/music", json=form).json()["data"]
    server.tutti("tasks", "cancel", task_id)
    until(lambda: server.tutti_json("webhooks", "buried"), FLUSH_S)
    (buried,) = server.tutti_json("webhooks", "buried")
    assert (buried["state"], buried["last_status"]) == ("dead", 410)
    receiver.answer = 204
    assert "no webhook" in server.tutti("webhooks", "redeliver", "nothing", code=1).stderr
    (again,) = server.tutti_json("webhooks", "redeliver", buried["id"])
    assert again["state"] == "pending"
    until(lambda: len(receiver.posted) == 2, FLUSH_S)
    assert server.tutti_json("webhooks", "redeliver", "--all") == []


@pytest.mark.parametrize(
    "words",
    [
        ("prices", "set", "models", "m", "{"),
        ("prices", "set", "models"),
        ("logs", "--since", "yesterday"),
        ("logs", "--limit", "0"),
        ("webhooks", "redeliver"),
        ("webhooks", "redeliver", "x", "--all"),
        ("explain",),
    ],
)
def test_wrong_usage_ends_with_two(fresh: TuttiProcess, words: tuple[str, ...]) -> None:
    assert fresh.tutti(*words, code=2).stderr
