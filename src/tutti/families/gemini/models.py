"""Models as this wire lists them: under names that begin with "models/"."""

from collections.abc import Iterable, Sequence
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.gemini.wire import BATCH_EMBED, COUNT, EMBED, GENERATE, STREAM
from tutti.wires import gemini

_MOST_LISTED = 1000
_METHODS = {"chat": [GENERATE, STREAM, COUNT], "embedding": [EMBED, BATCH_EMBED]}


def model_object(name: str, *, kind: str = "chat") -> dict[str, Any]:
    """One model; `kind` is "chat" or "embedding"."""
    return {
        "name": f"models/{name}",
        "displayName": name,
        "supportedGenerationMethods": _METHODS.get(kind, []),
    }


def listing(models: Sequence[dict[str, Any]], query: dict[str, str]) -> bytes:
    """A page of models; `pageToken` is the name that the page before ended with. Raises `InvalidRequestError`."""
    size = query.get("pageSize", str(_MOST_LISTED))
    if not size.isdecimal() or not 0 < len(size) < 7:
        raise InvalidRequestError("pageSize must be a whole number.", field="pageSize")
    rest = list(_after(models, query.get("pageToken", "")))
    page = rest[: min(int(size) or _MOST_LISTED, _MOST_LISTED)]
    told: dict[str, Any] = {"models": page}
    if len(page) < len(rest):
        told["nextPageToken"] = page[-1]["name"]
    return gemini.encoder.encode(told)


def _after(models: Sequence[dict[str, Any]], token: str) -> Iterable[dict[str, Any]]:
    names = [model["name"] for model in models]
    return models[names.index(token) + 1 :] if token in names else models
