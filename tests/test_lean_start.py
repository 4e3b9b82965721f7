"""What a process has loaded before there is anything to do: every package costs memory and time at each start."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# What the gateway itself is made of. A name that is new here is a decision about everybody's memory.
GATEWAY_PACKAGES = {
    "annotated_doc",
    "annotated_types",
    "anyio",
    "attr",
    "click",
    "cython_runtime",
    "dotenv",
    "fastapi",
    "httptools",
    "msgspec",
    "obstore",
    "opentelemetry",
    "pydantic",
    "pydantic_core",
    "pydantic_settings",
    "pygments",
    "pysqlite3",
    "python_multipart",
    "rich",
    "sniffio",
    "starlette",
    "structlog",
    "tutti",
    "typing_extensions",
    "typing_inspection",
    "uvicorn",
    "uvloop",
}
# The command line's help needs no more than this.
HELP_PACKAGES = {
    "annotated_doc",
    "attr",
    "markdown_it",
    "mdurl",
    "msgspec",
    "pygments",
    "rich",
    "shellingham",
    "tutti",
    "typer",
    "typing_extensions",
}
# Parts of our own that come in when they are first needed.
LATE_MODULES = {
    "tutti.cli",
    "tutti.console",
    "tutti.database.tables",
    "tutti.engines.song",
    "tutti.metrics.text",
    "tutti.models",
    "tutti.outside",
}

_OPEN = """
import asyncio, json, sys
from pathlib import Path
import uvloop
from tutti.server import open_gateway
from tutti.settings import Settings

async def open_once():
    async with open_gateway(Settings(data=Path(sys.argv[1])), base_url="http://127.0.0.1"):
        return sorted(sys.modules)

found = uvloop.run(open_once())
print(json.dumps(found))
"""
# Its input ends at once.
_COUNT = """
import json, os, sys
from tutti.billing import tokenizer
sys.stdin = open(os.devnull)
tokenizer.serve()
print(json.dumps(sorted(sys.modules)))
"""
_HELP = """
import contextlib, io, json, sys
from tutti.cli import app
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    app(["--help"])
print(json.dumps(sorted(sys.modules)))
"""


def loaded(code: str, *arguments: str) -> list[str]:
    """The modules that a fresh interpreter has loaded at the end of some code."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def packages(modules: list[str]) -> set[str]:
    """Names of the packages that are not Python's own, without compiled parts named for them."""
    names = {module.partition(".")[0] for module in modules}
    return {name for name in names - sys.stdlib_module_names if not name.startswith("_")}


@pytest.fixture(scope="module")
def gateway_modules(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return loaded(_OPEN, str(tmp_path_factory.mktemp("lean") / Path("data")))


def test_open_gateway_has_loaded_these_packages_only(gateway_modules: list[str]) -> None:
    assert packages(gateway_modules) <= GATEWAY_PACKAGES


def test_open_gateway_has_not_loaded_what_comes_late(gateway_modules: list[str]) -> None:
    early = {name for name in gateway_modules for late in LATE_MODULES if f"{name}.".startswith(f"{late}.")}
    assert early == set()


def test_process_that_counts_tokens_has_loaded_its_tokenizer_only() -> None:
    assert packages(loaded(_COUNT)) <= {"tutti", "bpe_openai"}


def test_help_has_loaded_these_packages_only() -> None:
    assert packages(loaded(_HELP)) <= HELP_PACKAGES
