"""Replies of operations that are no conversation: vectors, pictures, sound.

Only what they cost and why they fail is read. The figures stand where OpenAI puts them, in one of two sets of names;
rerank and speech tell none.
"""

import msgspec

from tutti.intents.chat import Usage
from tutti.vendors.told import told_of
from tutti.vendors.wire import Told


class _Figures(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Reply(msgspec.Struct, frozen=True):
    usage: _Figures | None = None


_decoder = msgspec.json.Decoder(_Reply)


class PlainReader:
    """Fulfils `ReplyReader`."""

    def usage_of(self, body: bytes) -> Usage | None:
        """The figures of a whole reply; sound and other bytes tell none."""
        if b'"usage"' not in body:
            return None
        try:
            figures = _decoder.decode(body).usage
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if figures is None:
            return None
        asked = figures.input_tokens if figures.prompt_tokens is None else figures.prompt_tokens
        answered = figures.output_tokens if figures.completion_tokens is None else figures.completion_tokens
        return Usage(input_tokens=asked or 0, output_tokens=answered or 0)

    def usage_of_event(self, name: str, data: bytes) -> Usage | None:  # noqa: ARG002 - no event here has a name
        """The figures in one event of a stream."""
        return self.usage_of(data)

    def told(self, status: int, body: bytes) -> Told:
        """What a failure says."""
        return told_of(status, body)
