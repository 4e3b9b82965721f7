"""From a part that goes on from another clip to the chain of clips that is one whole song."""

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.suno.clips import Clips, FoundClip
from tutti.families.suno.translate import to_source
from tutti.intents import AnyIntent, ClipSeat, Concat, GoOn, Replace, Song
from tutti.kit.ids import new_id

# A song of more pieces would be longer than any player takes.
_MOST_PIECES = 64


async def to_concat(clips: Clips, caller: Caller, clip_id: str) -> Concat:
    """The joining of a clip with all that it goes on from, the earliest first.

    Raises `ClipNotExistError`, `ClipNotReadyError`, and `InvalidRequestError` when there is nothing to join.
    """
    last = await clips.find(caller, clip_id)
    assert last.clip.duration_s is not None
    pieces = [GoOn(clip=to_source(last.clip), at_s=last.clip.duration_s)]
    at = last
    while (part := _goes_on_from(at.intent)) is not None:
        if len(pieces) == _MOST_PIECES:
            raise InvalidRequestError(f"The song has more than {_MOST_PIECES} pieces.", field="clip_id")
        pieces.insert(0, part)
        at = await clips.find(caller, part.clip.clip_id)
    if len(pieces) == 1 and not _is_replaced(last):
        raise InvalidRequestError(
            f"The clip {clip_id} goes on from no other: there is nothing to join.", field="clip_id"
        )
    # Nothing about a joint is left to chance: its seed is read by nobody.
    seat = ClipSeat(clip_id=new_id(), seed=0)
    return Concat(seat=seat, pieces=tuple(pieces), title=last.clip.title)


def _goes_on_from(intent: AnyIntent) -> GoOn | None:
    """What a clip continues as a part of its own; a whole continuation holds the earlier clip already."""
    source = intent.source if isinstance(intent, Song) else None
    return source if isinstance(source, GoOn) and not source.is_whole else None


def _is_replaced(found: FoundClip) -> bool:
    """Whether a section was replaced: such clips are whole, and clients of the older form join them all the same."""
    return isinstance(found.intent, Song) and isinstance(found.intent.source, Replace)
