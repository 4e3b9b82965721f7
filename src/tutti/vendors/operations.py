"""What upstreams can be asked for, with the path and the proof of identity that each wire has by itself.

A vendor's row names what differs from these. To add an operation: a row here, and its name in the rows of the vendors
that serve it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Auth(StrEnum):
    """How a request proves whose it is."""

    BEARER = "bearer"  # authorization: Bearer <key>
    X_API_KEY = "x-api-key"  # Anthropic's header
    API_KEY = "api-key"  # Azure's
    GOOGLE_KEY = "x-goog-api-key"  # Gemini's
    SERVICE_ACCOUNT = "service-account"  # a bearer token fetched with a service account, see `vertex/token.py`


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One thing to ask for."""

    # With {model} where the wire has it in its path, and {verb} where one path serves several.
    path: str
    auth: Auth = Auth.BEARER
    # The usual verbs, without and with a stream.
    verb: str = ""
    stream_verb: str = ""
    # Added to the query of a stream.
    stream_query: str = ""


OPERATIONS: dict[str, Operation] = {
    "chat": Operation(path="/v1/chat/completions"),
    "messages": Operation(path="/v1/messages", auth=Auth.X_API_KEY),
    "gemini": Operation(
        path="/v1beta/models/{model}:{verb}",
        auth=Auth.GOOGLE_KEY,
        verb="generateContent",
        stream_verb="streamGenerateContent",
        stream_query="alt=sse",
    ),
    "messages_count": Operation(path="/v1/messages/count_tokens", auth=Auth.X_API_KEY),
    "gemini_count": Operation(path="/v1beta/models/{model}:countTokens", auth=Auth.GOOGLE_KEY),
    "gemini_batch_embed": Operation(path="/v1beta/models/{model}:batchEmbedContents", auth=Auth.GOOGLE_KEY),
    "responses": Operation(path="/v1/responses"),
    "responses_compact": Operation(path="/v1/responses/compact"),
    "completions": Operation(path="/v1/completions"),
    "embeddings": Operation(path="/v1/embeddings"),
    "gemini_embed": Operation(path="/v1beta/models/{model}:embedContent", auth=Auth.GOOGLE_KEY),
    "rerank": Operation(path="/v1/rerank"),
    "moderations": Operation(path="/v1/moderations"),
    "speech": Operation(path="/v1/audio/speech"),
    "transcriptions": Operation(path="/v1/audio/transcriptions"),
    "translations": Operation(path="/v1/audio/translations"),
    "images": Operation(path="/v1/images/generations"),
    "image_edits": Operation(path="/v1/images/edits"),
    "realtime": Operation(path="/v1/realtime?model={model}"),
    # An address with a model begins a conversation: https://developers.openai.com/api/docs/guides/realtime-transcription
    "realtime_transcription": Operation(path="/v1/realtime?intent=transcription"),
    "suno": Operation(path="/suno/{verb}", verb="submit/music"),
}
