"""The admin API of a running server: the system access token opens it, and whatever is sent is no fault of ours."""

import contextlib
import re
from collections import Counter
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from tests.flows.process import TuttiProcess

# Those that write files or speak to others.
OUTWARD = ["backup", "test_channel"]


def test_whatever_is_sent_is_no_fault_of_ours(fresh: TuttiProcess) -> None:
    fresh.start()
    found = re.search(r"system access token +(\w{32})\n", fresh.first_run.read_text())
    assert found
    headers = {"Authorization": f"Bearer {found[1]}"}
    api = schemathesis.openapi.from_url(f"{fresh.url}/api/admin/v1/openapi.json", headers=headers)
    statuses: Counter[int] = Counter()
    for one in api.exclude(operation_id=OUTWARD).get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with contextlib.suppress(Unsatisfiable):  # there is nothing wrong to send to what takes nothing
                _ask(one.ok(), mode, headers, statuses)
    assert statuses.keys() >= {200, 400, 404}
    fresh.tutti("check")


def test_a_key_does_not_open_it(server: TuttiProcess) -> None:
    reply = httpx.post(f"{server.url}/api/admin/v1/deeds/list_users", trust_env=False)
    assert (reply.status_code, reply.json()["code"]) == (401, "invalid_api_key")
    with server.client() as client:
        assert client.get("/api/admin/v1/openapi.json").status_code == 401


def _ask(operation: Any, mode: GenerationMode, headers: dict[str, str], statuses: Counter[int]) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        reply = case.call(headers=headers)
        statuses[reply.status_code] += 1
        assert reply.status_code < 500, (case.path, case.body, reply.text)

    ask()
