"""Singing and playing a stretch of a clip anew; before and after it the old sound stays as it is."""

from dataclasses import replace

import numpy as np

from tutti.engines.song.continuation import voice_for
from tutti.engines.song.dsp.levels import loudness_lufs, true_peak_db
from tutti.engines.song.dsp.limiter import limit
from tutti.engines.song.edits.going_on import joined_words
from tutti.engines.song.edits.sources import Source
from tutti.engines.song.edits.stretches import Stretch, excerpts_around, stretch_of, with_words
from tutti.engines.song.edits.work import Made, Work, colours_of
from tutti.engines.song.joining import join
from tutti.engines.song.laying import FADE_BARS, Piece, lay
from tutti.engines.song.master import CEILING_DBTP, Mastered
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Brief, Lyrics, Plan, Score
from tutti.engines.song.mp3 import decode_mp3, encode_mp3
from tutti.engines.song.plan import has_words
from tutti.engines.song.production import produce
from tutti.engines.song.record import ClipRecord, Excerpt
from tutti.engines.song.score import compose
from tutti.errors import EngineError
from tutti.intents import Replace

# A stretch is brought to the loudness of what it replaces, within this.
_MOST_DB = 9.0
_ATTEMPTS = 4


def replace_stretch(work: Work, wish: Replace) -> Made:
    """The clip with the stretch between the nearest bar lines made anew in the same key, tempo and voice."""
    source = work.source(wish.clip)
    brief, lyrics = work.words()
    work.on_progress(0.0, "composing")
    stretch = stretch_of(work, source, (brief, lyrics), wish.start_s, wish.end_s)
    plan, words = with_words(sung_by(work, stretch.plan, lyrics), lyrics)
    score = compose(plan, words, work.seat.seed, motifs=stretch.motifs)
    return put_in(work, source, stretch, brief=brief, plan=plan, score=score, words=words.text)


def sung_by(work: Work, plan: Plan, lyrics: Lyrics) -> Plan:
    """The plan with who sings its words: the persona, else the song's singer, else one found now; nobody for none."""
    if not has_words(lyrics):
        return replace(plan, voice=None)
    return replace(plan, voice=work.persona() or plan.voice or voice_for(plan, work.seat.seed))


def put_in(work: Work, source: Source, stretch: Stretch, *, brief: Brief, plan: Plan, score: Score, words: str) -> Made:
    """The clip with a new plan and score sounding in the place of a stretch."""
    new = produce(plan, score, work.tools, work.on_progress)
    sound, gain_db = _laid(source.sound(), new.audio, stretch)
    excerpt = Excerpt(plan=plan, score=score, from_bar=0, to_bar=stretch.bars, gain_db=gain_db)
    return Made(
        record=_record(work, source, stretch, excerpt, words),
        mastered=encoded_as_it_is(sound),
        colours=colours_of(brief),
    )


def _laid(old: Audio, new: Audio, stretch: Stretch) -> tuple[Audio, float]:
    """The old sound with the new one in its middle, as loud as what was there, and the gain in dB that takes."""
    first, last = (round(at_s * SAMPLE_RATE_HZ) for at_s in (stretch.start_s, stretch.end_s))
    there = loudness_lufs(old[:, first:last])
    own = loudness_lufs(new[:, : last - first])
    gain_db = float(np.clip(there - own, -_MOST_DB, _MOST_DB)) if np.isfinite([there, own]).all() else 0.0
    length_s = stretch.bars * stretch.bar_s
    pieces = [
        Piece(audio=old, length_s=stretch.start_s),
        Piece(audio=new, length_s=length_s, gain_db=gain_db),
        Piece(audio=old, from_s=stretch.end_s),
    ]
    return lay(pieces, fade_s=FADE_BARS * stretch.bar_s), gain_db


def _record(work: Work, source: Source, stretch: Stretch, new: Excerpt, words: str) -> ClipRecord:
    old = source.record
    if old is None:
        return ClipRecord(
            request=work.song,
            seed=work.seat.seed,
            plan=new.plan,
            score=new.score,
            lyrics=words,
            offset_s=stretch.start_s,
            has_brought_sound=True,
        )
    excerpts = excerpts_around(source, stretch, new)
    plan, score = join(excerpts)
    return ClipRecord(
        request=work.song,
        seed=work.seat.seed,
        plan=plan,
        score=score,
        lyrics=joined_words(score, old.lyrics, words),
        excerpts=excerpts,
        offset_s=old.offset_s,
        has_brought_sound=old.has_brought_sound,
    )


def encoded_as_it_is(sound: Audio) -> Mastered:
    """A sound that is mastered already, encoded without a touch; only where the encoder makes it peak it is held back.

    Raises `EngineError` when the peaks cannot be kept below `CEILING_DBTP`.
    """
    ceiling_db, held = CEILING_DBTP, sound
    for _ in range(_ATTEMPTS):
        content = encode_mp3(held)
        heard = decode_mp3(content)
        peak_db = true_peak_db(heard)
        if peak_db <= CEILING_DBTP:
            return Mastered(audio=held, mp3=content, loudness_lufs=loudness_lufs(heard), true_peak_dbtp=peak_db)
        ceiling_db -= peak_db - CEILING_DBTP + 0.1
        held = limit(sound, ceiling_db=ceiling_db)
    raise EngineError(f"The joined sound peaks at {peak_db:.1f} dBTP after {_ATTEMPTS} tries.")
