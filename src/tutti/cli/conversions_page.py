"""The page docs/reference/conversions.md, from the tables beside it that tests send through the converters."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_WIRES = {
    "openai": "OpenAI chat",
    "claude": "Claude",
    "gemini": "Gemini",
    "responses": "OpenAI Responses",
}
_HEAD = """\
# Conversions

A caller may speak one wire and the channel that serves the model another. Between the same wires a request and its
reply pass through as they are, but for [addresses of files](chat.md#addresses-of-files) that the upstream would not
read; between others each field meets one of four fates:

- **kept**: it means the same there;
- **mapped**: it becomes something else that means the same;
- **dropped**: there is no place for it; its name stands in the header `x-tutti-dropped` of the reply;
- **refused**: leaving it out would change what was asked, so the call answers 400 and costs nothing.

Fields of a reply are never named: those that are dropped there have no form in the caller's wire. The tables are made
by `python -m tutti.cli.docs` from the files in [conversions](conversions), each row of which the tests send through.
"""


def conversions_page(folder: Path) -> str:
    """The page, of all tables in the folder."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]
    return "\n".join([_HEAD, *(line for table in tables for line in _table(table))])


def _table(table: dict[str, Any]) -> Iterator[str]:
    caller, upstream = _WIRES[table["caller"]], _WIRES[table["upstream"]]
    yield from (
        f"## From {caller} to {upstream}",
        "",
        f"What a caller of the {caller} wire asks of a {upstream} upstream:",
        "",
    )
    yield from _rows(table["request"])
    yield from ("", "What the caller reads of its reply:", "")
    yield from _rows(table["reply"])
    yield ""


def _rows(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield from ("| field | fate | becomes | |", "| --- | --- | --- | --- |")
    for row in rows:
        becomes = row.get("becomes", "")
        told = f"`{becomes}`" if becomes and " " not in becomes else becomes
        yield f"| `{row['field']}` | {row['fate']} | {told} | {row.get('note', '')} |"
