"""Models as Anthropic lists them: https://platform.claude.com/docs/en/api/models-list, 2026-11."""

from collections.abc import Sequence
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.catalogue import Dialect, Query
from tutti.families.claude.errors import teller
from tutti.kit.asgi import header
from tutti.routing.listing import Listed
from tutti.wires import claude

# Nobody tells when a vendor's model was made, and SDKs want a time; the same as in the OpenAI wire.
_CREATED = "2021-07-20T10:40:00Z"
_MOST_LISTED = 1000


def dialect() -> Dialect:
    """The dialect of those who name a version of Anthropic's API, as all its SDKs do."""
    return Dialect(
        is_spoken=lambda scope: header(scope, b"anthropic-version") is not None,
        carriers=(b"x-api-key",),
        tell_all=_tell_all,
        tell_one=lambda model: claude.encoder.encode(model_object(model)),
        tell_error=teller(),
    )


def model_object(model: Listed) -> dict[str, Any]:
    """One model."""
    return {"type": "model", "id": model.name, "display_name": model.name, "created_at": _CREATED}


def _tell_all(models: Sequence[Listed], query: Query) -> bytes:
    """A page; all of them, up to a thousand, when no size is asked for. Raises `InvalidRequestError`."""
    size = _size(query.get("limit", str(_MOST_LISTED)))
    names = [model.name for model in models]
    start, end = 0, len(models)
    if query.get("after_id") in names:
        start = names.index(query["after_id"]) + 1
    if query.get("before_id") in names:
        end = names.index(query["before_id"])
    found = models[start:end]
    page = found[-size:] if "before_id" in query else found[:size]
    return claude.encoder.encode(
        {
            "data": [model_object(model) for model in page],
            "first_id": page[0].name if page else None,
            "last_id": page[-1].name if page else None,
            "has_more": len(page) < len(found),
        }
    )


def _size(given: str) -> int:
    if not given.isdecimal() or not given.isascii() or not 1 <= int(given[:7]) <= _MOST_LISTED:
        raise InvalidRequestError(f"limit must lie between 1 and {_MOST_LISTED}.", field="limit")
    return int(given)
