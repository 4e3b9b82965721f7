"""Our own clips rendered again from their records: every rendering once, then laid as they were joined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tutti.engines.song.laying import FADE_BARS, Piece, lay
from tutti.engines.song.master import encoded_below_ceiling
from tutti.engines.song.model import Audio, Plan, Score
from tutti.engines.song.production import OnProgress, produce, within
from tutti.engines.song.record import ClipRecord, Excerpt
from tutti.engines.song.tools import Tools


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """What was rendered at once."""

    plan: Plan
    score: Score


def renderings(record: ClipRecord) -> list[Rendering]:
    """The distinct renderings that a clip is made of."""
    found: list[Rendering] = []
    for excerpt in record.made_of():
        one = rendering_of(excerpt)
        if one not in found:
            found.append(one)
    return found


def rendering_of(excerpt: Excerpt) -> Rendering:
    """What an excerpt is cut from."""
    return Rendering(plan=excerpt.plan, score=excerpt.score)


def laid(record: ClipRecord, known: Sequence[Rendering], sounds: Sequence[Audio]) -> Audio:
    """A clip's sound out of the sounds of its renderings, in their order."""
    excerpts = record.made_of()
    pieces = [
        _piece(excerpt, sounds[known.index(rendering_of(excerpt))], is_last=excerpt is excerpts[-1])
        for excerpt in excerpts
    ]
    return lay(pieces, fade_s=FADE_BARS * record.bar_s)


def _piece(excerpt: Excerpt, audio: Audio, *, is_last: bool) -> Piece:
    bar_s = excerpt.score.duration_s / excerpt.score.bars
    return Piece(
        audio=audio,
        from_s=excerpt.from_bar * bar_s,
        # The last one rings on.
        length_s=None if is_last else excerpt.bars * bar_s,
        gain_db=excerpt.gain_db,
        settle_s=excerpt.settle_bars * bar_s,
    )


def rendered_again(record: ClipRecord, tools: Tools, on_progress: OnProgress) -> Audio:
    """The mastered sound of a clip without brought sound, before any encoder: float32, shape (2, samples)."""
    known = renderings(record)
    sounds = [
        produce(one.plan, one.score, tools, step).audio
        for one, step in zip(known, steps(on_progress, len(known)), strict=True)
    ]
    if not record.excerpts:
        return sounds[0]
    return encoded_below_ceiling(laid(record, known, sounds)).audio


def steps(on_progress: OnProgress, count: int) -> Iterator[OnProgress]:
    """A listener for each of several equal steps."""
    return (within(on_progress, done / count, (done + 1) / count) for done in range(count))
