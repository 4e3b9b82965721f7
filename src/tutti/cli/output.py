"""How commands print."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from rich.console import Console
from rich.table import Table


def show_json(value: object) -> None:
    """A value as JSON for programs."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows as a table for people."""
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*("-" if cell is None else str(cell) for cell in row))
    Console().print(table)


def complain(message: str) -> None:
    """One line for a person whose command was not carried out."""
    sys.stderr.write(f"tutti: {message}\n")


def moment(at_ms: int | None) -> str | None:
    """A time as people read it, in UTC."""
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
