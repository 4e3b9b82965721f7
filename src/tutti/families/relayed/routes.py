"""Embeddings, rerank, moderations, completions, speech, transcripts and pictures of upstreams on OpenAI's wire.

Engines of our own for these come with their kinds of work; a channel that serves the model goes before them.
"""

from starlette.routing import BaseRoute, Route

from tutti.families.endpoint import Endpoint
from tutti.families.errors import openai_teller
from tutti.families.immediate import Immediate, Spoken
from tutti.families.relayed.peeks import form_peek, json_peek
from tutti.families.services import Services

# Operation -> how it is read, and the paths that callers use for it.
_OPERATIONS: tuple[tuple[Spoken, tuple[str, ...]], ...] = (
    (Spoken(operation="completions", peek=json_peek("prompt")), ("/v1/completions", "/completions")),
    (
        Spoken(operation="embeddings", peek=json_peek("input")),
        ("/v1/embeddings", "/embeddings", "/v1/engines/{model}/embeddings", "/v1beta/openai/embeddings"),
    ),
    (Spoken(operation="rerank", peek=json_peek("query")), ("/v1/rerank", "/rerank")),
    (
        Spoken(operation="moderations", peek=json_peek("input", default_model="omni-moderation-latest")),
        ("/v1/moderations", "/moderations"),
    ),
    (Spoken(operation="speech", peek=json_peek("input", streams=True)), ("/v1/audio/speech",)),
    (Spoken(operation="transcriptions", peek=form_peek()), ("/v1/audio/transcriptions",)),
    (Spoken(operation="translations", peek=form_peek()), ("/v1/audio/translations",)),
    (Spoken(operation="images", peek=json_peek("prompt", default_model="dall-e-2")), ("/v1/images/generations",)),
    (Spoken(operation="image_edits", peek=form_peek(default_model="dall-e-2")), ("/v1/images/edits",)),
)


def routes(services: Services) -> list[BaseRoute]:
    """A route for each path."""
    tell_error = openai_teller(error_type=services.settings.error_type)
    return [
        Route(path, Endpoint(Immediate(services, spoken).answer, tell_error), methods=["POST"], name=spoken.operation)
        for spoken, paths in _OPERATIONS
        for path in paths
    ]
