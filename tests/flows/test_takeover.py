"""Moving in from another gateway, by the command line, with its keys used at the server that took over."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.admin.new_api.databases import make_database
from tests.flows.process import TuttiProcess, until
from tests.upstream.process import UpstreamProcess

FLUSH_S = 10.0
MIRA, ROOT = ("sk-MiraKey0" + "a" * 40, "sk-RootKey0" + "a" * 40)
HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamProcess]:
    with UpstreamProcess() as upstream:
        yield upstream


def outcomes(lines: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    return Counter((line["kind"], line["outcome"]) for line in lines)


def everything(tutti: TuttiProcess) -> list[Any]:
    return [tutti.tutti_json(word, "list") for word in ("users", "keys", "channels", "prices")]


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_keys_of_the_other_gateway_go_on_working(fresh: TuttiProcess, upstream: UpstreamProcess, state: str) -> None:
    fresh.start()
    if state == "stopped":
        fresh.stop()
    database = make_database(fresh.folder, "new-api", upstream=upstream.url)
    before = everything(fresh)
    shown = fresh.tutti_json("import", "new-api", database.name, "--dry-run")
    assert everything(fresh) == before

    done = fresh.tutti_json("import", "new-api", database.name)
    assert done == shown
    assert outcomes(done) == {
        ("user", "new"): 4,
        ("user", "left out"): 1,
        ("key", "new"): 3,
        ("key", "left out"): 4,
        ("channel", "new"): 4,
        ("channel", "left out"): 2,
        ("price", "new"): 5,
    }
    after = everything(fresh)
    again = fresh.tutti_json("import", "new-api", database.name)
    assert {line["outcome"] for line in again} == {"there", "left out"}
    assert everything(fresh) == after
    assert (fresh.quota("mira"), fresh.quota("root"), fresh.quota("admin@new-api")) == (7_500_000, 100_000_000, 0)
    fresh.tutti("check")
    told = fresh.tutti("import", "new-api", database.name).stdout + fresh.log.read_text()
    assert not any(secret in told for secret in (MIRA, ROOT, "sk-upstream-one-000001"))

    if state == "stopped":
        fresh.start()
    with fresh.client(MIRA) as client:
        reply = client.post("/v1/chat/completions", json=HELLO)
        assert reply.status_code == 200, reply.text
        assert client.post("/v1/chat/completions", json=HELLO | {"model": "gpt-4o-mini"}).status_code == 403
    assert json.loads(upstream.seen()[-1]["body"])["temperature"] == 0.2
    until(lambda: fresh.tutti_json("logs", "--user", "mira"), FLUSH_S)
    (story,) = fresh.tutti_json("explain", reply.headers["x-request-id"])["calls"]
    assert (story["cost"]["group"], story["cost"]["group_factor"]) == ("vip-users", 0.5)
    assert fresh.quota("mira") == 7_500_000 - story["cost"]["charged"]


def test_credit_is_not_given_twice_after_it_was_spent(fresh: TuttiProcess) -> None:
    fresh.start()
    fresh.stop()
    database = make_database(fresh.folder, "one-api")
    fresh.tutti("import", "new-api", database.name, "--source", "one")
    fresh.tutti("users", "topup", "root", "--", "-400")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE users SET quota = 9000")
    fresh.tutti("prices", "set", "models", "gpt-4o", '{"input": 1}')
    fresh.tutti("import", "new-api", database.name, "--source", "one")
    assert fresh.quota("root") == 100
    assert fresh.tutti_json("prices", "list", "gpt-4o")[0]["value"] == {"input": 1}
    # Another gateway's root is somebody else.
    fresh.tutti("import", "new-api", database.name, "--source", "two")
    assert fresh.quota("root@two") == 9000
    fresh.tutti("check")


def test_another_file_is_refused(fresh: TuttiProcess) -> None:
    fresh.start()
    (fresh.folder / "other.db").write_text("nothing")
    assert "no SQLite database" in fresh.tutti("import", "new-api", "other.db", code=1).stderr
    assert "no file" in fresh.tutti("import", "new-api", "missing.db", code=1).stderr
