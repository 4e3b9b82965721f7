"""Instruments under a stretch of a clip, whose voice stays.

Our own clip is taken apart exactly: its singer sings the same notes over a new band. Brought sound goes on as it is,
taken to be a voice alone, and a band joins it in the tempo and key heard there.
"""

from dataclasses import replace

from tutti.engines.song.backing import render_backing
from tutti.engines.song.band.arrange import arrange
from tutti.engines.song.edits.overlay import overlaid
from tutti.engines.song.edits.replace import put_in
from tutti.engines.song.edits.restyle import with_new_band
from tutti.engines.song.edits.stretches import stretch_of
from tutti.engines.song.edits.work import Made, Work
from tutti.engines.song.mix import mix
from tutti.engines.song.model import Plan, Score
from tutti.engines.song.motif import Motifs
from tutti.engines.song.production import playing, within
from tutti.engines.song.score import chords_of
from tutti.intents import Accompany

# How far below the brought voice the band plays.
_UNDER_DB = -3.0


def accompany(work: Work, wish: Accompany) -> Made:
    """The clip with a band of the wanted style from the bar line nearest to `start_s` to the one nearest to `end_s`."""
    source = work.source(wish.clip)
    brief, lyrics = work.words()
    work.on_progress(0.0, "composing")
    stretch = stretch_of(work, source, (brief, lyrics), wish.start_s, wish.end_s)
    if source.record is not None:
        plan = with_new_band(stretch.plan, brief, work.seat.seed)
        score = with_band(plan, stretch.score, work.seat.seed, stretch.motifs)
        return put_in(work, source, stretch, brief=brief, plan=plan, score=score, words=source.record.lyrics)
    plan = replace(stretch.plan, voice=None)
    score = with_band(plan, stretch.score, work.seat.seed, stretch.motifs)
    backing = render_backing(score, plan, work.tools.player, playing(within(work.on_progress, 0.0, 0.9)))
    band = mix(None, backing, score, plan)
    return overlaid(work, source, stretch, brief, plan=plan, score=score, words="", added=band.audio, over_db=_UNDER_DB)


def with_band(plan: Plan, score: Score, seed: int, motifs: Motifs) -> Score:
    """The score with the parts that the plan's band plays."""
    return replace(score, parts=arrange(plan, seed, chords_of(plan), motifs))
