"""The tables of docs/reference/conversions say what the converters do: every row is sent through them."""

import re
from typing import Any

import msgspec
import pytest

from tests.conversions.tables import TABLES
from tests.conversions.wires import CALLERS, UPSTREAMS, sent, told
from tutti.errors import InvalidRequestError

ROWS = [
    pytest.param(table["caller"], table["upstream"], row, id=f"{name}-{row['field']}-{row['fate']}")
    for name, table in TABLES.items()
    for row in table["request"]
]
REPLIES = [
    pytest.param(table["caller"], table["upstream"], row, id=f"{name}-{row['field']}")
    for name, table in TABLES.items()
    for row in table["reply"]
]


@pytest.mark.parametrize(("caller", "upstream", "row"), ROWS)
def test_row_of_a_request_is_true(caller: str, upstream: str, row: dict[str, Any]) -> None:
    fields = msgspec.json.decode(row["sends"])
    if row["fate"] == "refused":
        with pytest.raises(InvalidRequestError) as refused:
            sent(caller, upstream, **fields)
        assert refused.value.field
        return
    body, written = sent(caller, upstream, **fields)
    least, _ = sent(caller, upstream)
    match row["fate"]:
        case "kept":
            assert difference(msgspec.json.decode(row["gives"]) if "gives" in row else fields, body) == ""
        case "mapped":
            assert difference(msgspec.json.decode(row["gives"]), body) == ""
        case "dropped":
            assert body == (msgspec.json.decode(row["gives"]) if "gives" in row else least)
    names = row.get("names", [row["field"]] if row["fate"] == "dropped" else [])
    assert list(written.dropped) == names


@pytest.mark.parametrize(("caller", "upstream", "row"), REPLIES)
def test_row_of_a_reply_is_true(caller: str, upstream: str, row: dict[str, Any]) -> None:
    reply = told(caller, upstream, **msgspec.json.decode(row["sends"]))
    assert difference(msgspec.json.decode(row["gives"]), reply) == ""


@pytest.mark.parametrize("name", TABLES)
def test_table_has_a_row_for_every_field(name: str) -> None:
    rows = {re.split(r"[\[.]", row["field"])[0] for row in TABLES[name]["request"]}
    assert CALLERS[TABLES[name]["caller"]].fields - rows == frozenset()


def test_every_pair_has_a_table() -> None:
    pairs = {f"{caller}-to-{upstream}" for caller in CALLERS for upstream in UPSTREAMS if caller != upstream}
    assert set(TABLES) == pairs
    assert {(table["caller"], table["upstream"]) for table in TABLES.values()} == {
        tuple(pair.split("-to-")) for pair in pairs
    }


def difference(wanted: Any, found: Any, where: str = "") -> str:
    """Where the wanted is not in the found: objects may hold more, all else is equal. Empty when it is."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        missing = [name for name in wanted if name not in found]
        if missing:
            return f"{where}: no {missing} in {found}"
        return next(filter(None, (difference(wanted[name], found[name], f"{where}.{name}") for name in wanted)), "")
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(wanted, found, strict=True))
        return next(filter(None, (difference(*pair, f"{where}[{number}]") for number, pair in pairs)), "")
    return "" if wanted == found and type(wanted) is type(found) else f"{where}: {found!r} is not {wanted!r}"
