"""The Realtime wire: what is looked at in the events that upstreams send, the events that we make, and client secrets.

https://platform.openai.com/docs/api-reference/realtime-server-events; the names of both dialects are in
contracts/realtime.yaml. All other events pass unread.
"""

from typing import Annotated, Any, Literal

import msgspec


class InputDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of what went in."""

    cached_tokens: int | None = 0
    audio_tokens: int | None = 0


class OutputDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of what came out."""

    audio_tokens: int | None = 0


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one response: the whole conversation before it, and the response."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: InputDetails | None = None
    output_token_details: OutputDetails | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A response as `response.done` tells it."""

    usage: Usage | None = None


class ServerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Any event of a server."""

    type: str
    response: Response | None = None
    delta: str | None = None


class TranscriptUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What a transcript used: tokens, or seconds of sound."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: InputDetails | None = None
    seconds: float | None = None


class Transcription(msgspec.Struct, frozen=True, kw_only=True):
    """How what is said is written down."""

    model: str | None = None


class AudioInput(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with the sound of a caller."""

    transcription: Transcription | None = None


class Audio(msgspec.Struct, frozen=True, kw_only=True):
    """Sound in both directions."""

    input: AudioInput | None = None


class TranscriptionSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that only writes down: its model in the one dialect and in the beta one."""

    audio: Audio | None = None
    input_audio_transcription: Transcription | None = None

    @property
    def model(self) -> str | None:
        """Who writes down."""
        heard = self.audio.input.transcription if self.audio and self.audio.input else self.input_audio_transcription
        return None if heard is None else heard.model


class TranscriptEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a session that writes down what a caller says, of whichever side."""

    type: str
    item_id: str = ""
    delta: str | None = None
    transcript: str | None = None
    usage: TranscriptUsage | None = None
    session: TranscriptionSession | None = None


class ErrorObject(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong; `event_id` is that of the client's event at fault."""

    type: str
    code: str
    message: str
    param: str | None = None
    event_id: str | None = None


class ErrorEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event that tells an error."""

    type: str = "error"
    event_id: str
    error: ErrorObject


class SessionUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """The event by which a client says how a session is to be."""

    type: str = "session.update"
    session: dict[str, Any]


class ExpiresAfter(msgspec.Struct, frozen=True, kw_only=True):
    """How long a client secret opens sessions."""

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, msgspec.Meta(ge=10, le=7200)] | None = None


class SecretRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a client secret is asked for with."""

    expires_after: ExpiresAfter | None = None
    session: dict[str, Any] | None = None


class BetaSecret(msgspec.Struct, frozen=True, kw_only=True):
    """What the beta dialect says of the secret, among the settings of the session."""

    expires_after: ExpiresAfter | None = None


class BetaRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a session in the beta dialect, as far as they are looked at."""

    client_secret: BetaSecret | None = None


# The beta dialect's name for the update of a session that only writes down.
BETA_TRANSCRIPTION_UPDATE = "transcription_session.update"
TRANSCRIPT = "conversation.item.input_audio_transcription."

decoder = msgspec.json.Decoder(ServerEvent)
transcript_decoder = msgspec.json.Decoder(TranscriptEvent)
encoder = msgspec.json.Encoder()
