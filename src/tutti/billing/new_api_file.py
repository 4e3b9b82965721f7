"""Options of the New-API family in a file, in whichever form an operator has them.

- `{"ModelRatio": {...}, "GroupRatio": {...}}`: options by name, each an object, or its JSON as text;
- `[{"key": "ModelRatio", "value": "{...}"}]`: rows of the table `options`;
- either of them under `data`: what `GET /api/option/` answers, and `GET /api/ratio_config`, which says `model_ratio`.

Seen in model/option.go and controller/ratio_config.go of QuantumNous/new-api, 2026-11.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from tutti.billing.new_api import NAMES
from tutti.errors import InvalidRequestError


def read_options(text: str | bytes) -> dict[str, str]:
    """Options by name, as JSON text, prices alone. Raises `InvalidRequestError` when there is none."""
    try:
        told = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(f"The file is not JSON: {error}.", field="file") from error
    if isinstance(told, dict) and isinstance(told.get("data"), dict | list):
        told = told["data"]
    pairs = told.items() if isinstance(told, dict) else map(_pair, told) if isinstance(told, list) else ()
    return prices_among(dict(pair for pair in pairs if pair is not None))


def prices_among(options: Mapping[str, Any]) -> dict[str, str]:
    """Those options that hold prices. Raises `InvalidRequestError` when there is none."""
    named = {_camel(name): value for name, value in options.items()}
    found = {
        name: named[name] if isinstance(named[name], str) else msgspec.json.encode(named[name]).decode()
        for name in NAMES
        if named.get(name)
    }
    if not found:
        raise InvalidRequestError(f"There are no prices in it: it has none of {', '.join(NAMES)}.", field="file")
    return found


def _pair(row: Any) -> tuple[str, Any] | None:
    """A row of the table of options."""
    if isinstance(row, dict) and isinstance(row.get("key"), str):
        return row["key"], row.get("value")
    return None


def _camel(name: str) -> str:
    """`model_ratio` as `ModelRatio`."""
    return re.sub(r"(?:^|_)([a-z])", lambda found: found[1].upper(), name)
