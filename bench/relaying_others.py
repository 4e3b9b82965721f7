"""Other people's gateways beside ours, where they are installed: LiteLLM's proxy and Portkey's gateway.

Both are brought by whoever measures (`pip install 'litellm[proxy]'`, `npm install @portkey-ai/gateway`, each in a
folder of its own) and are never packages of ours. One that is not there is passed over with a line that says so. Each
runs as one process with what it does by itself: LiteLLM checks a key, without a database; Portkey checks and keeps
nothing.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.relaying_process import Relay, ended, free_port, relay_of, wait_for

LITELLM_VARIABLE, PORTKEY_VARIABLE = "TUTTI_BENCH_LITELLM", "TUTTI_BENCH_PORTKEY"
_KEY = "sk-bench"
_START_S = 120
_PORTKEY_SERVER = "node_modules/@portkey-ai/gateway/build/start-server.js"


@contextlib.contextmanager
def litellm(upstream: int, place: str | None) -> Iterator[Relay | None]:
    """LiteLLM's proxy; `place` is its command or the folder of its virtual environment, None: as found on PATH."""
    command = _litellm_command(place or os.environ.get(LITELLM_VARIABLE))
    if command is None:
        _pass_over("LiteLLM", f"there is no command litellm; name it by --litellm or {LITELLM_VARIABLE}")
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tutti-litellm-") as folder:
        port, config = free_port(), Path(folder) / "config.yaml"
        target = {"model": "openai/gpt-4o-mini", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "none"}
        models = [{"model_name": "gpt-4o-mini", "litellm_params": target}]
        # JSON is YAML.
        config.write_text(json.dumps({"model_list": models, "general_settings": {"master_key": _KEY}}))
        words = [command, "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
        # Prices would be fetched from outside at the start, and a file .env be looked for.
        settings = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION"}
        with _running(words, folder, settings, port) as process:
            yield relay_of(process.pid, name="LiteLLM", port=port, key=_KEY)


@contextlib.contextmanager
def portkey(upstream: int, place: str | None) -> Iterator[Relay | None]:
    """Portkey's gateway; `place` is the folder that npm installed it into."""
    place = place or os.environ.get(PORTKEY_VARIABLE)
    node, server = shutil.which("node"), Path(place or "") / _PORTKEY_SERVER
    if place is None or node is None or not server.is_file():
        why = "there is no node" if node is None else f"name npm's folder by --portkey or {PORTKEY_VARIABLE}"
        _pass_over("Portkey", f"{place} does not hold {_PORTKEY_SERVER}" if place and node else why)
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tutti-portkey-") as folder:
        port = free_port()
        # Hosts within one's own network are refused unless they are named.
        settings = {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1"}
        with _running([node, str(server), f"--port={port}", "--headless"], folder, settings, port) as process:
            headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{upstream}/v1"}
            yield relay_of(process.pid, name="Portkey", port=port, headers=headers)


def _litellm_command(place: str | None) -> str | None:
    if place is None:
        return shutil.which("litellm")
    return next((str(one) for one in (Path(place), Path(place) / "bin" / "litellm") if one.is_file()), None)


@contextlib.contextmanager
def _running(words: list[str], folder: str, settings: dict[str, str], port: int) -> Iterator[subprocess.Popen]:
    """A command until the block ends, waited for until it listens; what it says is shown when it does not."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | settings
    log = Path(folder) / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=output, stderr=output)
    with ended(process):
        try:
            wait_for(port, process, timeout_s=_START_S)
        except SystemExit:
            sys.stderr.write(log.read_text("utf-8", "replace")[-4000:])
            raise
        yield process


def _pass_over(name: str, why: str) -> None:
    sys.stderr.write(f"{name} is not measured: {why}.\n")
