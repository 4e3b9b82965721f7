"""Gateways that are measured beside ours: found where they are said to be, passed over with a word where not."""

import subprocess
import sys
from pathlib import Path

import pytest
from bench.relaying_others import LITELLM_VARIABLE, PORTKEY_VARIABLE, litellm, portkey
from bench.relaying_process import ended, relay_of

from tests.waiting import eventually, is_alive

# Stands for a proxy: listens at the port that it is given.
STAND_IN = """\
#!{python}
import re, socket, sys, time
port = re.search(r"--port[= ](\\d+)", " ".join(sys.argv))[1]
listener = socket.create_server(("127.0.0.1", int(port)))
time.sleep(60)
"""


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without anything, and a PATH that holds it alone."""
    for name in (LITELLM_VARIABLE, PORTKEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("place", [None, "folder"])
def test_what_is_not_installed_is_passed_over(
    nowhere: Path, capsys: pytest.CaptureFixture[str], place: str | None
) -> None:
    folder = place and str(nowhere)
    with litellm(1, folder) as one, portkey(1, folder) as other:
        assert (one, other) == (None, None)
    said = capsys.readouterr().err
    assert "LiteLLM is not measured" in said
    assert "Portkey is not measured" in said


@pytest.mark.parametrize("is_named", [False, True])
def test_proxy_runs_as_long_as_it_is_measured(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, *, is_named: bool
) -> None:
    command = nowhere / "bin" / "litellm"
    command.parent.mkdir()
    command.write_text(STAND_IN.format(python=sys.executable))
    command.chmod(0o755)
    if is_named:
        monkeypatch.setenv(LITELLM_VARIABLE, str(nowhere))
    else:
        monkeypatch.setenv("PATH", str(command.parent))
    with litellm(1, None) as relay:
        assert relay is not None
        assert relay.key.startswith("sk-")
        assert relay.memory_mb() > 1


@pytest.mark.anyio
async def test_processor_time_is_that_of_all_processes_and_all_of_them_end() -> None:
    below = "import os; print(os.getpid(), flush=True)\nwhile True: pass"
    above = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {below!r}])"
    words = [sys.executable, "-c", above]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)  # noqa: ASYNC220 - nothing else waits for the loop
    with ended(process):
        assert process.stdout is not None
        child = int(process.stdout.readline())
        relay = relay_of(process.pid, name="one", port=1)
        await eventually(lambda: relay.cpu_s() > 0.5)
    process.stdout.close()
    await eventually(lambda: not is_alive(child))
