"""Going on from a second of a clip, as one song with it or as a part to be joined later."""

from dataclasses import replace

from tutti.engines.song.continuation import continue_plan, following
from tutti.engines.song.edits.grounds import ground_plan
from tutti.engines.song.edits.sources import Source
from tutti.engines.song.edits.work import Made, Work, colours_of
from tutti.engines.song.joining import cut, join
from tutti.engines.song.laying import FADE_BARS, SETTLE_BARS, Piece, lay, step_db
from tutti.engines.song.master import Mastered, encoded_below_ceiling
from tutti.engines.song.model import SAMPLE_RATE_HZ, Brief, Lyrics, Score
from tutti.engines.song.motif import Motifs
from tutti.engines.song.production import produce
from tutti.engines.song.record import ClipRecord, Excerpt
from tutti.intents import GoOn

# A continuation shorter than this would be no more than an ending.
_SHORTEST_PART_S = 40.0


def go_on(work: Work, wish: GoOn) -> Made:
    """The clip that goes on from another: in its key, tempo and voice, from the bar line nearest to the second."""
    source = work.source(wish.clip)
    brief, lyrics = work.words()
    work.on_progress(0.0, "composing")
    if source.record is not None:
        return _after_song(work, wish, source, brief, lyrics)
    return _after_sound(work, wish, source, brief, lyrics)


def _after_song(work: Work, wish: GoOn, source: Source, brief: Brief, lyrics: Lyrics) -> Made:
    old = source.record
    assert old is not None
    plan = replace(old.plan, voice=work.persona() or old.plan.voice)
    at_s = wish.at_s - old.offset_s
    part = continue_plan(plan, old.score, at_s, lyrics, work.seat.seed, longest_s=_room_s(work, wish))
    new = produce(part.plan, part.score, work.tools, work.on_progress)
    if not wish.is_whole:
        record = ClipRecord(
            request=work.song, seed=work.seat.seed, plan=part.plan, score=part.score, lyrics=lyrics.text
        )
        return Made(record=record, mastered=new, colours=colours_of(brief))
    mastered, gain_db = joined(source, new, at_s=old.offset_s + part.kept_s, bar_s=old.bar_s)
    after = Excerpt(
        plan=part.plan, score=part.score, from_bar=0, to_bar=part.score.bars, gain_db=gain_db, settle_bars=SETTLE_BARS
    )
    excerpts = (*cut(old.made_of(), 0, part.kept_bars), after)
    whole, score = join(excerpts)
    record = ClipRecord(
        request=work.song,
        seed=work.seat.seed,
        plan=whole,
        score=score,
        lyrics=joined_words(score, old.lyrics, lyrics.text),
        excerpts=excerpts,
        offset_s=old.offset_s,
        has_brought_sound=old.has_brought_sound,
    )
    return Made(record=record, mastered=mastered, colours=colours_of(brief))


def _after_sound(work: Work, wish: GoOn, source: Source, brief: Brief, lyrics: Lyrics) -> Made:
    at_s = source.joint_s(wish.at_s)
    ground = ground_plan(work, source.heard, brief, lyrics, near_s=at_s)
    plan, score = following(ground, Motifs(), lyrics, work.seat.seed, longest_s=_room_s(work, wish))
    new = produce(plan, score, work.tools, work.on_progress)
    record = ClipRecord(request=work.song, seed=work.seat.seed, plan=plan, score=score, lyrics=lyrics.text)
    if not wish.is_whole:
        return Made(record=record, mastered=new, colours=colours_of(brief))
    mastered, _ = joined(source, new, at_s=at_s, bar_s=record.bar_s)
    whole = replace(record, offset_s=at_s, has_brought_sound=True)
    return Made(record=whole, mastered=mastered, colours=colours_of(brief))


def _room_s(work: Work, wish: GoOn) -> float:
    """How long the new part may be: what stays of the old song counts towards the longest one."""
    kept_s = wish.at_s if wish.is_whole else 0.0
    return max(work.song.longest_s - kept_s, _SHORTEST_PART_S)


def joined(source: Source, new: Mastered, *, at_s: float, bar_s: float) -> tuple[Mastered, float]:
    """The source up to a second, then the new sound, encoded; and the gain in dB that the new one begins with."""
    old = source.sound()
    gain_db = step_db(old[:, : round(at_s * SAMPLE_RATE_HZ)], new.audio)
    pieces = (
        Piece(audio=old, length_s=at_s),
        Piece(audio=new.audio, gain_db=gain_db, settle_s=SETTLE_BARS * bar_s),
    )
    return encoded_below_ceiling(lay(pieces, fade_s=FADE_BARS * bar_s)), gain_db


def joined_words(score: Score, before: str, after: str) -> str:
    """The words as sung: those of the old song that stayed, then the new ones."""
    sung = {line.text for line in score.vocals}
    kept = [row for row in before.splitlines() if row.startswith("[") or row.strip() in sung]
    return "\n".join([*kept, "", after]).strip()
