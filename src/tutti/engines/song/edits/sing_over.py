"""A sung line over a stretch of a clip, whose instruments stay.

In our own clip the old singer makes way: the band plays the same notes under the new voice. Brought sound goes on as it
is and the voice is laid over it, in the tempo and key heard there.
"""

from dataclasses import replace

import numpy as np

from tutti.engines.song.backing import length_samples
from tutti.engines.song.desk import find_desk
from tutti.engines.song.edits.overlay import overlaid
from tutti.engines.song.edits.replace import put_in, sung_by
from tutti.engines.song.edits.stretches import Stretch, stretch_of, with_words
from tutti.engines.song.edits.work import Made, Work
from tutti.engines.song.model import TICKS_PER_BEAT, Audio, Lyrics, Plan, Score
from tutti.engines.song.plan import has_words
from tutti.engines.song.production import OnProgress, voices_of, within
from tutti.engines.song.score import compose
from tutti.engines.song.tools import Tools
from tutti.engines.song.voice_chain import process_voice
from tutti.errors import EngineError, InvalidRequestError
from tutti.intents import SingOver


def sing_over(work: Work, wish: SingOver) -> Made:
    """The clip with the song's words sung from the bar line nearest to `start_s` to the one nearest to `end_s`.

    Raises `InvalidRequestError` when there are no words to sing.
    """
    source = work.source(wish.clip)
    brief, lyrics = work.words()
    if not has_words(lyrics):
        raise InvalidRequestError("There are no words to sing over the clip.", field="prompt")
    work.on_progress(0.0, "composing")
    stretch = stretch_of(work, source, (brief, lyrics), wish.start_s, wish.end_s)
    plan, score, words = _sung(work, stretch, lyrics)
    if source.record is not None:
        score = replace(score, parts=stretch.score.parts)
        return put_in(work, source, stretch, brief=brief, plan=plan, score=score, words=words)
    desk = find_desk(plan.genre)
    score = replace(score, parts=())
    voice = _voice(plan, score, work.tools, within(work.on_progress, 0.0, 0.9))
    return overlaid(
        work, source, stretch, brief, plan=plan, score=score, words=words, added=voice,
        over_db=desk.voice_over_backing_db,
    )  # fmt: skip


def _sung(work: Work, stretch: Stretch, lyrics: Lyrics) -> tuple[Plan, Score, str]:
    plan, words = with_words(sung_by(work, stretch.plan, lyrics), lyrics)
    score = compose(plan, words, work.seat.seed, motifs=stretch.motifs)
    if not score.vocals:
        raise InvalidRequestError(
            f"{stretch.bars} bars have no room for a single line: choose a longer stretch.", field="end_s"
        )
    return plan, score, words.text


def _voice(plan: Plan, score: Score, tools: Tools, on_progress: OnProgress) -> Audio:
    """The voice as it stands in a mix, with its rooms, shape (2, samples)."""
    voices = voices_of(plan, score, tools, on_progress)
    if voices is None:
        raise EngineError("The singer sang nothing.")
    voice = process_voice(
        voices,
        find_desk(plan.genre),
        beat_s=score.seconds_at(TICKS_PER_BEAT),
        samples=length_samples(score),
        seed=plan.seed,
    )
    return np.asarray(voice.around + voice.lead, np.float32)
