"""Models as this wire lists them: under names that begin with "models/"."""

from collections.abc import Iterable, Sequence
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.catalogue import Dialect, Query
from tutti.families.gemini.errors import tell_error
from tutti.families.gemini.wire import BATCH_EMBED, COUNT, EMBED, GENERATE, STREAM
from tutti.families.uses import use_of
from tutti.kit.asgi import header
from tutti.routing.listing import Listed
from tutti.wires import gemini

_MOST_LISTED = 1000
_METHODS = {"chat": [GENERATE, STREAM, COUNT], "embedding": [EMBED, BATCH_EMBED]}


def dialect() -> Dialect:
    """The dialect of those who send their key as Google's SDKs do."""
    return Dialect(
        is_spoken=lambda scope: header(scope, b"x-goog-api-key") is not None,
        carriers=(b"x-goog-api-key", b"?key"),
        tell_all=_tell_all,
        tell_one=lambda model: gemini.encoder.encode(model_object(model.name, kind=use_of(model))),
        tell_error=tell_error,
    )


def _tell_all(models: Sequence[Listed], query: Query) -> bytes:
    return listing([model_object(model.name, kind=use_of(model)) for model in models], query)


def model_object(name: str, *, kind: str = "chat") -> dict[str, Any]:
    """One model; `kind` is "chat" or "embedding"."""
    return {
        "name": f"models/{name}",
        "displayName": name,
        "supportedGenerationMethods": _METHODS.get(kind, []),
    }


def listing(models: Sequence[dict[str, Any]], query: Query) -> bytes:
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
