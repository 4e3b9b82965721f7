"""What a Realtime session uses, read along with the upstream's events. Pure."""

from typing import NamedTuple, Protocol

import msgspec

from tutti.intents.chat import Usage
from tutti.wires import realtime as wire

# For a response that never told its figures: 16-bit sound at 24 kHz, of which the vendor counts a token each 50 ms, and
# words of four letters a token: https://platform.openai.com/docs/guides/realtime-costs, seen 2026-11.
_SOUND_BYTES_A_TOKEN = 2400
_LETTERS_A_TOKEN = 4
# A vendor counts a token for each tenth of a second that a caller says (the same page); about fifteen letters a second.
_SAID_TOKENS_A_SECOND = 10
_LETTERS_A_SECOND = 15


class Ended(NamedTuple):
    """What is charged as one call: a response, or a transcript."""

    usage: Usage
    # Tells seconds as a transcript that is asked for by itself does, for models that cost by them.
    told: bytes = b""
    is_estimated: bool = False


class Meter(Protocol):
    """Follows one session."""

    # Tokens that went into the newest response.
    prompt_tokens: int
    # The model that the upstream says to work with, where that is looked at.
    model: str | None

    def read(self, frame: str | bytes) -> Ended | None:
        """What ends with this frame; None for all other frames."""
        ...

    def cut(self) -> Ended | None:
        """Our count of what broke off; None when there is nothing."""
        ...


class ResponseMeter:
    """Follows the responses of a conversation."""

    # Callers may not change it.
    model: str | None = None

    def __init__(self) -> None:
        # Tokens that went into the newest response.
        self.prompt_tokens = 0
        self._is_open = False
        self._sound_bytes = 0
        self._letters = 0

    def read(self, frame: str | bytes) -> Ended | None:
        """The figures of the response that ends with this frame; None for all other frames."""
        try:
            event = wire.decoder.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if event.type == "response.created":
            self._begin()
        elif event.type == "response.done":
            return self._end(event.response)
        elif event.delta is not None and event.type.startswith("response."):
            self._add(event.type, event.delta)
        return None

    def cut(self) -> Ended | None:
        """Our count of a response that broke off; None when there is none."""
        return self._counted() if self._is_open else None

    def _begin(self) -> None:
        self._is_open, self._sound_bytes, self._letters = True, 0, 0

    def _add(self, kind: str, delta: str) -> None:
        if kind in {"response.audio.delta", "response.output_audio.delta"}:
            self._sound_bytes += len(delta) * 3 // 4
        else:
            self._letters += len(delta)

    def _end(self, response: wire.Response | None) -> Ended:
        told = response.usage if response else None
        self._is_open = False
        if told is None or told.input_tokens is None or told.output_tokens is None:
            return self._counted()
        self.prompt_tokens = told.input_tokens
        return Ended(_usage_of(told))

    def _counted(self) -> Ended:
        sound = -(-self._sound_bytes // _SOUND_BYTES_A_TOKEN)
        words = -(-self._letters // _LETTERS_A_TOKEN)
        usage = Usage(input_tokens=self.prompt_tokens, output_tokens=sound + words, audio_output_tokens=sound)
        return Ended(usage, is_estimated=True)


class TranscriptMeter:
    """Follows the transcripts of a session that only writes down."""

    def __init__(self) -> None:
        self.prompt_tokens = 0
        self.model: str | None = None
        # Letters so far of each item that is being written down.
        self._letters: dict[str, int] = {}

    def read(self, frame: str | bytes) -> Ended | None:
        """The figures of the transcript that ends with this frame; None for all other frames."""
        try:
            event = wire.transcript_decoder.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        # What a session is created with is the upstream's choice, not the caller's.
        if event.type.endswith("session.updated") and event.session is not None and event.session.model:
            self.model = event.session.model
        match event.type.removeprefix(wire.TRANSCRIPT):
            case "delta":
                self._letters[event.item_id] = self._letters.get(event.item_id, 0) + len(event.delta or "")
            case "failed":
                self._letters.pop(event.item_id, None)
            case "completed":
                letters = max(self._letters.pop(event.item_id, 0), len(event.transcript or ""))
                return self._ended(event.usage, letters)
        return None

    def cut(self) -> Ended | None:
        """Our count of the transcripts that broke off; None when there are none."""
        return _written(sum(self._letters.values())) if self._letters else None

    def _ended(self, told: wire.TranscriptUsage | None, letters: int) -> Ended:
        if told is None or (told.seconds is None and (told.input_tokens is None or told.output_tokens is None)):
            return _written(letters)
        if told.seconds is not None:
            said = round(told.seconds * _SAID_TOKENS_A_SECOND)
            return _transcript(said, said, -(-letters // _LETTERS_A_TOKEN), told.seconds)
        asked, said = told.input_tokens or 0, (told.input_token_details or wire.InputDetails()).audio_tokens or 0
        self.prompt_tokens = asked
        return _transcript(asked, min(said, asked), told.output_tokens or 0, said / _SAID_TOKENS_A_SECOND)


def _written(letters: int) -> Ended:
    """Our count of so many letters that were written down."""
    seconds = letters / _LETTERS_A_SECOND
    said = round(seconds * _SAID_TOKENS_A_SECOND)
    counted = _transcript(said, said, -(-letters // _LETTERS_A_TOKEN), seconds)
    return counted._replace(is_estimated=True)


def _transcript(asked: int, said: int, written: int, seconds: float) -> Ended:
    usage = Usage(input_tokens=asked, audio_input_tokens=said, output_tokens=written)
    return Ended(usage, told=wire.encoder.encode({"duration": seconds}))


def _usage_of(told: wire.Usage) -> Usage:
    asked = told.input_token_details or wire.InputDetails()
    answered = told.output_token_details or wire.OutputDetails()
    cached = asked.cached_tokens or 0
    # Sound from the cache is told in both figures.
    plain_sound = max(0, min(asked.audio_tokens or 0, (told.input_tokens or 0) - cached))
    return Usage(
        input_tokens=told.input_tokens,
        output_tokens=told.output_tokens,
        cached_tokens=cached,
        audio_input_tokens=plain_sound,
        audio_output_tokens=answered.audio_tokens or 0,
    )
