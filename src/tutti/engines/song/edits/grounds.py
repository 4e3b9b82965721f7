"""The ground that new music stands on when the sound under it was brought: a plan in the tempo and key heard there."""

from dataclasses import replace

import numpy as np

from tutti.engines.song.continuation import lay_passages
from tutti.engines.song.edits.work import Work
from tutti.engines.song.form import Passage
from tutti.engines.song.hearing import Heard
from tutti.engines.song.model import Brief, Lyrics, Plan, PlanSection
from tutti.engines.song.plan import make_plan

# The local tempo of a pulse that drifts is taken from so many beats around.
_BEATS_AROUND = 12


def ground_plan(work: Work, heard: Heard, brief: Brief, lyrics: Lyrics, *, near_s: float | None = None) -> Plan:
    """A plan of the wanted genre and voice in the tempo, metre and key of brought sound.

    `near_s` is where the new music stands, for sound whose tempo drifts. The form is that of a song of its own.
    """
    bpm = bpm_near(heard, near_s)
    plan = make_plan(replace(brief, bpm=bpm), lyrics, work.seat.seed, longest_s=work.song.longest_s)
    voice = plan.voice and (work.persona() or plan.voice)
    plan = replace(plan, bpm=bpm, voice=voice)
    return in_key(replace(plan, beats_per_bar=heard.beats_per_bar), heard.tonic, heard.mode)


def bpm_near(heard: Heard, seconds: float | None) -> float:
    """The tempo around a second; of steady sound everywhere the same."""
    if heard.is_steady or seconds is None or len(heard.beats_s) < _BEATS_AROUND:
        return heard.bpm
    beats = np.array(heard.beats_s)
    nearest = int(np.argmin(np.abs(beats - seconds)))
    first = min(max(0, nearest - _BEATS_AROUND // 2), beats.size - _BEATS_AROUND)
    return float(60.0 / np.median(np.diff(beats[first : first + _BEATS_AROUND])))


def in_key(plan: Plan, tonic: int, mode: str) -> Plan:
    """The plan with the genre's chords in a key."""
    moved = replace(plan, tonic=tonic, mode=mode)
    return replace(moved, sections=lay_passages(moved, [passage_of(section) for section in plan.sections]))


def passage_of(section: PlanSection) -> Passage:
    """A section without its chords."""
    return Passage(
        kind=section.kind,
        label=section.label,
        bars=section.bars,
        lyric_section=section.lyric_section,
        line_bars=section.line_bars,
    )
