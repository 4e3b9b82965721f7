"""Models as OpenAI lists them, with the New-API family's field for what a model can be asked for."""

from collections.abc import Sequence
from typing import Any

from tutti.families.catalogue import Dialect, Query
from tutti.families.errors import openai_teller
from tutti.families.uses import Use, use_of
from tutti.routing.listing import Listed
from tutti.wires import openai

# Nobody tells when a vendor's model was made, and SDKs want a time: the one that the New-API family tells for all.
CREATED_S = 1_626_777_600

# A conversation is served in any wire, whatever its upstream speaks.
_ENDPOINTS: dict[Use, list[str]] = {
    "chat": ["openai", "anthropic", "gemini", "openai-response"],
    "embedding": ["embeddings"],
    "rerank": ["jina-rerank"],
    "image": ["image-generation"],
}


def dialect(*, error_type: str) -> Dialect:
    """The dialect of all who speak no other."""
    return Dialect(
        is_spoken=lambda _: True,
        carriers=(b"x-api-key", b"x-goog-api-key"),
        tell_all=_tell_all,
        tell_one=lambda model: openai.encoder.encode(model_object(model)),
        tell_error=openai_teller(error_type=error_type),
    )


def model_object(model: Listed) -> dict[str, Any]:
    """One model."""
    told = {"id": model.name, "object": "model", "created": CREATED_S, "owned_by": model.owner}
    endpoints = _ENDPOINTS.get(use_of(model))
    return told | ({"supported_endpoint_types": endpoints} if endpoints else {})


def _tell_all(models: Sequence[Listed], _: Query) -> bytes:
    """All of them: this wire knows no pages."""
    data = [model_object(model) for model in models]
    return openai.encoder.encode({"object": "list", "success": True, "data": data})
