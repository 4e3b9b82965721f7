"""Transcripts of what a caller says, which some conversations have made beside their responses.

Another model writes them, which the caller names in the settings of the session, and the vendor bills them by
themselves. So do we: each is a call of its own in the log, charged when it is there, since nobody knows before how much
will be said.
"""

from contextlib import suppress

import msgspec

from tutti.errors import TuttiError
from tutti.relay.bill import Till
from tutti.relay.call import Call
from tutti.relay.metering import Ended, TranscriptMeter
from tutti.relay.wires import Peek
from tutti.routing.choice import Pick


class Transcripts:
    """Follows and charges those of one conversation."""

    def __init__(self, call: Call, pick: Pick, till: Till) -> None:
        """`call` opened the session, `pick` took it."""
        self._meter = TranscriptMeter()
        self._call = msgspec.structs.replace(call, operations=("realtime_transcription",))
        self._pick = pick
        self._till = till

    async def account(self, frame: str | bytes) -> None:
        """Charge the transcript that a frame of the upstream ends.

        Raises `TuttiError` when it cannot be paid, or when the caller has named a model that the key may not use or
        that has no price: the session has to end then.
        """
        if not _may_tell(frame):
            return
        ended = self._meter.read(frame)
        if self._meter.model not in {None, self._call.peek.model}:
            self._turn_to(self._meter.model or "")
        if ended is not None:
            await self._charge(ended)

    async def close(self) -> None:
        """Charge our count of what broke off, as far as it can be paid."""
        ended = self._meter.cut()
        if ended is not None:
            with suppress(TuttiError):
                await self._charge(ended)

    def _turn_to(self, model: str) -> None:
        self._call.caller.require_model(model)
        call = msgspec.structs.replace(self._call, peek=Peek(model=model, is_stream=True))
        self._till.price_of(call)
        self._call = call

    async def _charge(self, ended: Ended) -> None:
        await self._till.charge(self._call, self._pick, ended.usage, reply=ended.told, is_estimated=ended.is_estimated)


def _may_tell(frame: str | bytes) -> bool:
    """Whether there is reason to read a frame: most are sound."""
    return "transcription" in frame if isinstance(frame, str) else b"transcription" in frame
