"""The request as one channel is to get it: as it came where both sides speak the same wire, else said anew.

What its caller relies on beyond the wire, and the upstream does not know, is said anew too.
"""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from tutti.blobs.inputs import InputDoor
from tutti.intents.chat import Chat
from tutti.relay.body import with_fields, without_fields
from tutti.relay.call import Call
from tutti.relay.figures import asking_for_figures, asks_for_figures
from tutti.relay.habits import has_file_urls, has_picture_addresses, reads_addresses, with_files_for_addresses
from tutti.relay.media import with_media_inside
from tutti.routing.choice import Pick
from tutti.vendors.registry import ROWS
from tutti.vendors.wire import UpstreamWire

_JSON = "application/json"
# Whose streams tell figures only when asked for, and whose requests do not name the model in their body.
_ASKED_FOR_FIGURES = frozenset({"chat", "completions"})
_MODEL_IN_PATH = frozenset({"gemini", "gemini_count", "gemini_embed", "gemini_batch_embed"})
# Clients take headers of some 8 KiB, all of them together.
_LONGEST_HEADER = 2048


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A call as one channel is to get it."""

    body: bytes
    content_type: str
    # What of the request found no place in the channel's wire.
    dropped: tuple[str, ...] = ()
    # Whether the figures were asked for in the caller's place, and are to be taken out of the stream again.
    hides_figures: bool = False
    # Whether files that the request names by their addresses were put into it.
    brings_files: bool = False


class Draft:
    """Writes one call for any channel."""

    def __init__(self, call: Call, wires: Mapping[str, UpstreamWire], door: InputDoor) -> None:
        """`wires` are those of conversational operations; files come in by `door`."""
        self._call = call
        self._wires = wires
        self._door = door
        self._chat: Chat | None = None

    @property
    def chat(self) -> Chat:
        """The conversation in no wire's words. Raises `InvalidRequestError`."""
        if self._chat is None:
            assert self._call.wire is not None
            self._chat = self._call.wire.from_caller(self._call.body, self._call.path)
        return self._chat

    async def write(self, pick: Pick) -> Outgoing:
        """The request for this channel. Raises `InvalidRequestError` for what its wire cannot say."""
        is_understood = pick.operation == self._call.operation and self._knows_habits(pick)
        outgoing = self._as_it_came(pick) if is_understood else await self._said_anew(pick)
        if pick.channel.param_overrides and outgoing.content_type == _JSON:
            body = with_fields(outgoing.body, dict(pick.channel.param_overrides))
            return msgspec.structs.replace(outgoing, body=body)
        return outgoing

    def _knows_habits(self, pick: Pick) -> bool:
        """Whether the upstream understands what else than its wire's words the caller relies on, see `habits`."""
        row, call = ROWS[pick.channel.type], self._call
        if call.wire is None:
            return True
        if not row.reads_addresses and reads_addresses(call.peek.model) and self._chat_for(pick) is not self.chat:
            return False
        if call.operation != "chat":
            return True
        brings_pictures = not row.fetches_pictures and has_picture_addresses(call.body)
        return not brings_pictures and (row.takes_file_urls or not has_file_urls(call.body))

    def _chat_for(self, pick: Pick) -> Chat:
        """The conversation as this upstream is to get it."""
        if ROWS[pick.channel.type].reads_addresses or not reads_addresses(self._call.peek.model):
            return self.chat
        return with_files_for_addresses(self.chat)

    def _as_it_came(self, pick: Pick) -> Outgoing:
        call = self._call
        body, hides_figures = call.body, False
        if call.passage.request is not None:
            body = call.passage.request(body)
        if call.content_type == _JSON:
            is_renamed = pick.upstream_model != call.peek.model or "model" in call.path
            if is_renamed and pick.operation not in _MODEL_IN_PATH:
                body = with_fields(body, {"model": pick.upstream_model})
            if call.peek.is_stream and _tells_figures_if_asked(pick) and not asks_for_figures(body):
                body, hides_figures = asking_for_figures(body), True
        return Outgoing(body=body, content_type=call.content_type, hides_figures=hides_figures)

    async def _said_anew(self, pick: Pick) -> Outgoing:
        wire, call = self._wires[pick.operation], self._call
        chat = replace(self._chat_for(pick), model=pick.upstream_model)
        fetches_pictures = ROWS[pick.channel.type].fetches_pictures
        whole = await with_media_inside(chat, wire, self._door, fetches_pictures=fetches_pictures)
        written = wire.to_upstream(whole)
        body = written.body
        # Converters always ask for figures, and a stream of the caller's own wire passes through.
        if pick.operation in _ASKED_FOR_FIGURES and not _tells_figures_if_asked(pick):
            body = without_fields(body, {"stream_options"})
        is_theirs = call.peek.is_stream and pick.operation == call.operation and _tells_figures_if_asked(pick)
        hides_figures = is_theirs and not asks_for_figures(call.body)
        return Outgoing(
            body=body,
            content_type=_JSON,
            dropped=written.dropped,
            hides_figures=hides_figures,
            brings_files=whole is not chat,
        )


def _tells_figures_if_asked(pick: Pick) -> bool:
    return pick.operation in _ASKED_FOR_FIGURES and ROWS[pick.channel.type].takes_stream_options


def headers_about(outgoing: Outgoing) -> list[tuple[bytes, bytes]]:
    """What the caller is told of how their request was said."""
    if not outgoing.dropped:
        return []
    # Callers make up names of fields: nothing in them may end the header.
    names = ("".join(letter if letter.isprintable() else "?" for letter in name) for name in outgoing.dropped)
    return [(b"x-tutti-dropped", ", ".join(names).encode("ascii", "replace")[:_LONGEST_HEADER])]
