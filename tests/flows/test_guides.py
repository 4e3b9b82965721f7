"""The programs of the guides, run as printed against a running server; both languages print the same ones."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.process import TuttiProcess
from tests.flows.test_drain import started
from tests.upstream.process import UpstreamProcess

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("guides/sdk.md", "how-to/batch-requests.md")


def programs(page: str, language: str = "python") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TuttiProcess]:
    with UpstreamProcess() as upstream:
        server = started(tmp_path_factory.mktemp("guides"), upstream)
        upstream.set_faults([])
        yield server
        server.kill()


def run(server: TuttiProcess, program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"TUTTI_URL": server.url, "TUTTI_KEY": server.first_key, "NO_PROXY": "127.0.0.1"},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", range(len(programs("guides/sdk.md"))))
def test_programs_of_the_sdk_page_run(server: TuttiProcess, number: int, tmp_path: Path) -> None:
    done = run(server, programs("guides/sdk.md")[number], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_print_the_same_programs(page: str) -> None:
    chinese = page.replace(".md", ".zh-CN.md")
    for language in ("python", "js", "sh", "json"):
        assert programs(chinese, language) == programs(page, language)


def test_chat_batch_answers_every_line_once(server: TuttiProcess, tmp_path: Path) -> None:
    (program,) = [one for one in programs("how-to/batch-requests.md") if "chat.completions" in one]
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        "".join(f'{{"id": "q{number}", "question": "count to {number}"}}\n' for number in range(1, 31))
    )
    for _ in range(2):
        done = run(server, program, "questions.jsonl", "answers.jsonl", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
    lines = (tmp_path / "answers.jsonl").read_text().splitlines()
    assert len(lines) == 30
    assert any('"id": "q3", "answer": "1 2 3"' in line for line in lines)
