"""The page of vendors, from their rows."""

from collections.abc import Iterator

from tutti.vendors.registry import ROWS, VendorRow


def vendors_page() -> str:
    """Every kind of upstream, the proven ones first."""
    head = [
        "# Vendors",
        "",
        "The kinds of upstreams that a [channel](../how-to/channels.md) can have. A vendor is proven once its reply",
        "to a chat, in the form that it documents or that was recorded, is read by our tests; all else is untried.",
        "The date says when the vendor's page was read; a row without one is from memory. This page is made from the",
        "code by `python -m tutti.cli.docs`.",
    ]
    proven = [row for row in ROWS.values() if row.is_proven]
    others = [row for row in ROWS.values() if not row.is_proven]
    return "\n".join([*head, *_lines("Proven", proven), *_lines("Not yet proven", others), ""])


def _lines(title: str, rows: list[VendorRow]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"## {title}", "")
    yield from ("| type | vendor | address | serves | to know |", "| --- | --- | --- | --- | --- |")
    yield from map(_line, rows)


def _line(row: VendorRow) -> str:
    address = f"`{row.base_url}`" if row.base_url else "your own"
    options = [f"Option `{name}`{f', by default {value}' if value else ''}." for name, value in row.options.items()]
    notes = " ".join([*row.quirks, *options])
    page = f"[{row.title}]({row.page}){f' ({row.seen})' if row.seen else ''}"
    return f"| `{row.type}` | {page} | {address} | {', '.join(row.serves)} | {notes} |"
