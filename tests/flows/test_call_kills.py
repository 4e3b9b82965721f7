"""Immediate calls and a power cut: customers lose nothing, the operator at most the calls of one flush."""

import contextlib
import threading

import httpx

from tests.flows.process import TuttiProcess
from tests.upstream.handle import RunningUpstream

OPENING = 100_000_000
CALLS = 60


def ask(server: TuttiProcess, key: str, answered: list[int], stop: threading.Event) -> None:
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello there"}]}
    with contextlib.suppress(httpx.HTTPError), server.client(key) as client:
        while not stop.is_set():
            answered.append(client.post("/v1/chat/completions", json=body).status_code)


def test_kill_amid_calls_leaves_the_books_right(fresh: TuttiProcess, upstream: RunningUpstream) -> None:
    fresh.start()
    key = fresh.first_key
    keys = fresh.folder / "key"
    keys.write_text("sk-upstream")
    address = ("--type", "openai-compatible", "--base-url", upstream.url, "--key-file", str(keys))
    fresh.tutti("channels", "add", "up", *address, "--models", "gpt-*")
    answered: list[int] = []
    stop = threading.Event()
    callers = [threading.Thread(target=ask, args=(fresh, key, answered, stop)) for _ in range(4)]
    for caller in callers:
        caller.start()
    while len(answered) < CALLS and any(caller.is_alive() for caller in callers):
        stop.wait(0.005)
    fresh.kill()
    stop.set()
    for caller in callers:
        caller.join()
    assert set(answered) == {200}

    fresh.start()
    fresh.tutti("check")
    [admin] = fresh.tutti_json("users", "list")
    # Slices that were out are home again: what is not left was charged, and every charge has its call in the log.
    assert admin["quota"] + admin["used_quota"] == OPENING
    logged = fresh.tutti_json("logs", "--limit", "1000")
    assert sum(call["units"] for call in logged) == admin["used_quota"]
    # A call may have been charged whose answer did not arrive.
    assert 0 < len(logged) <= len(answered) + len(callers)
    fresh.stop()
