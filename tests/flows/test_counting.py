"""Tokens are counted beside the server: its process starts when it is asked for, and never outlives the server."""

import os
import signal
from pathlib import Path

import pytest

from tests.flows.process import TuttiProcess, until
from tests.waiting import is_alive

ASKED = {"model": "gpt-4o", "input": "the lantern drifts along the river"}
END_S = 20.0


@pytest.fixture
def counting(tmp_path: Path) -> TuttiProcess:
    return TuttiProcess(tmp_path, TUTTI_SONG_WORKERS="0")


def counted(server: TuttiProcess) -> int:
    with server.client() as client:
        return client.post("/v1/responses/input_tokens", json=ASKED).raise_for_status().json()["input_tokens"]


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_the_process_that_counts_ends_with_the_server(counting: TuttiProcess, way: str) -> None:
    try:
        counting.start()
        assert counting.children() == []
        count = counted(counting)
        assert 7 < count < 30
        (killed,) = counting.children()
        os.kill(killed, signal.SIGKILL)
        assert counted(counting) == count
        (child,) = counting.children()
        assert child != killed
        getattr(counting, way)()
        until(lambda: not is_alive(child), END_S)
    finally:
        counting.kill()
