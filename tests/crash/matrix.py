"""The crash matrix: what may happen at the worst moment, what must hold, and the tests that show it.

A test names its row: `test_row_9_...`, wherever it stands. `python -m tests.crash.matrix` writes README.md anew.
"""

import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
README = Path(__file__).with_name("README.md")

# row -> (what happens, what must hold)
ROWS: dict[int, tuple[str, str]] = {
    1: ("submit: killed before the commit", "no task, no hold"),
    2: ("submit: killed after the commit, before the answer", "the same key finds the task; one hold, one run"),
    3: ("killed in the midst of a group commit", "all of the group or none; nobody was told of what is not durable"),
    4: ("killed with a task claimed, or its engine at work", "it runs again; one settlement"),
    5: ("the server is killed, its engine child lives", "the child ends by itself and writes nothing more"),
    6: ("killed with the results stored, before the settlement", "done again; one settlement, no orphan kept"),
    7: ("killed in the midst of storing a file", "never visible under its key"),
    8: ("killed before or after the commit of a settlement", "one settlement, one last event, exact quota"),
    9: ("a worker sleeps longer than its lease, then goes on", "its completion is refused, its files are ignored"),
    10: ("killed around the call to an upstream", "look-up, same key or policy; the user pays at most once"),
    11: ("a callback: killed around its commit, repeated, out of order, too early, forged", "noted once; no way back"),
    12: ("poll and callback bring the end at once", "one wins, one settlement"),
    13: ("the upstream is down, overloaded, refuses or forgets", "backoff, then refunded"),
    14: ("the upstream's file is cut short", "fetched again"),
    15: ("cancelled while queued, running, waiting or done", "one end, one settlement, the first policy stands"),
    16: ("the deadline passes as the work is done", "one end, one settlement"),
    17: ("a webhook: killed around its delivery; the receiver fails, hangs, is gone or slow", "told, under one id"),
    18: ("a payment beside a settlement", "ledger and balance agree"),
    19: ("credit for one of two submits", "one is accepted"),
    21: ("disk full, read-only, log left behind, second server, clock set", "a clear error, no damage"),
    22: ("SIGTERM with work running", "finished or handed back; no attempt burned"),
    23: ("a task that kills its worker each time", "failed and refunded; others go on"),
    24: ("the result store is away", "the work waits for it until the deadline"),
    25: ("killed in the midst of a migration", "the next start completes it"),
    26: (
        "killed with slices of balances out, around a flush",
        "what was flushed is charged; the slices come home",
    ),
}

_TEST = re.compile(r"^(?:async )?def test_row_(\d+)_", re.MULTILINE)

_HEAD = """\
# Crash matrix

What may happen at the worst moment, what must hold then, and the tests that show it. Written by
`python -m tests.crash.matrix` from the names of the tests; a test keeps it true.

| row | what happens | what must hold | shown in |
| --- | --- | --- | --- |
"""


def files_of_rows() -> dict[int, set[str]]:
    """Row -> files under tests/ that hold tests of it."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for path in sorted(TESTS.rglob("test_*.py")):
        for row in _TEST.findall(path.read_text("utf-8")):
            found[int(row)].add(path.relative_to(TESTS).as_posix())
    return dict(found)


def render() -> str:
    """The text of README.md."""
    found = files_of_rows()
    lines = [
        f"| {row} | {event} | {holds} | {_places(found.get(row, set()))} |\n" for row, (event, holds) in ROWS.items()
    ]
    return _HEAD + "".join(lines)


def _places(files: set[str]) -> str:
    return ", ".join(f"[{file}](../{file})" for file in sorted(files))


if __name__ == "__main__":
    README.write_text(render(), "utf-8")
