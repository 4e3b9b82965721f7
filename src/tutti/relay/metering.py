"""What a Realtime session uses, read along with the upstream's events. Pure."""

import msgspec

from tutti.intents.chat import Usage
from tutti.wires import realtime as wire

# For a response that never told its figures: 16-bit sound at 24 kHz, of which the vendor counts a token each 50 ms, and
# words of four letters a token: https://platform.openai.com/docs/guides/realtime-costs, seen 2026-11.
_SOUND_BYTES_A_TOKEN = 2400
_LETTERS_A_TOKEN = 4


class Meter:
    """Follows the responses of one session."""

    def __init__(self) -> None:
        # Tokens that went into the newest response.
        self.prompt_tokens = 0
        self._is_open = False
        self._sound_bytes = 0
        self._letters = 0

    def read(self, frame: str | bytes) -> Usage | None:
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

    def cut(self) -> Usage | None:
        """Our count of a response that broke off; None when there is none."""
        return self._counted() if self._is_open else None

    def _begin(self) -> None:
        self._is_open, self._sound_bytes, self._letters = True, 0, 0

    def _add(self, kind: str, delta: str) -> None:
        if kind in {"response.audio.delta", "response.output_audio.delta"}:
            self._sound_bytes += len(delta) * 3 // 4
        else:
            self._letters += len(delta)

    def _end(self, response: wire.Response | None) -> Usage:
        told = response.usage if response else None
        if told is None or told.input_tokens is None or told.output_tokens is None:
            usage = self._counted()
        else:
            usage = _usage_of(told)
            self.prompt_tokens = told.input_tokens
        self._is_open = False
        return usage

    def _counted(self) -> Usage:
        sound = -(-self._sound_bytes // _SOUND_BYTES_A_TOKEN)
        words = -(-self._letters // _LETTERS_A_TOKEN)
        return Usage(input_tokens=self.prompt_tokens, output_tokens=sound + words, audio_output_tokens=sound)


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
