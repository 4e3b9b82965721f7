"""The same song in another style.

Of our own clips the tune, words, form and chords stay, moved to where the new singer is comfortable; tempo, groove,
band and voice are the new style's. New words are sung to the old tunes as far as their syllables allow. Of brought
sound we know tempo and key, and the words that the caller gives.
"""

from dataclasses import replace

from tutti.engines.song.band.arrange import arrange
from tutti.engines.song.continuation import following
from tutti.engines.song.edits.grounds import ground_plan
from tutti.engines.song.edits.restyle import moved_score, restyled
from tutti.engines.song.edits.work import Made, Work, colours_of
from tutti.engines.song.lyrics import parse
from tutti.engines.song.model import Brief, Lyrics, Plan, Score
from tutti.engines.song.motif import Motifs, remembered
from tutti.engines.song.plan import has_words
from tutti.engines.song.production import produce
from tutti.engines.song.record import ClipRecord
from tutti.engines.song.score import chords_of
from tutti.intents import Cover


def cover(work: Work, wish: Cover) -> Made:
    """The clip's song in the style that the tags ask for."""
    source = work.source(wish.clip)
    brief, lyrics = work.words()
    work.on_progress(0.0, "composing")
    if source.record is None:
        ground = ground_plan(work, source.heard, brief, lyrics)
        plan, score = following(
            ground, Motifs(), lyrics, work.seat.seed, longest_s=work.song.longest_s, has_lead_in=True
        )
    else:
        plan, score = _of_song(work, source.record, brief, lyrics)
    mastered = produce(plan, score, work.tools, work.on_progress)
    record = ClipRecord(request=work.song, seed=work.seat.seed, plan=plan, score=score, lyrics=lyrics.text)
    return Made(record=record, mastered=mastered, colours=colours_of(brief))


def _of_song(work: Work, old: ClipRecord, brief: Brief, lyrics: Lyrics) -> tuple[Plan, Score]:
    plan = restyled(old.plan, brief, work.seat.seed, singer=work.persona(), likeness=work.song.wishes.audio_weight)
    score = moved_score(old.score, old.plan, plan)
    motifs = remembered(plan, score, chords_of(plan))
    if not has_words(lyrics):
        return _played(plan, score, work.seat.seed, motifs)
    if score.vocals and _same_words(parse(old.lyrics, old.plan.language), lyrics):
        parts = arrange(plan, work.seat.seed, chords_of(plan), motifs)
        return plan, replace(score, parts=parts)
    # The old seed and genre say where the tunes and chords of each kind of section are kept.
    return following(
        replace(plan, seed=old.plan.seed),
        motifs,
        lyrics,
        work.seat.seed,
        longest_s=work.song.longest_s,
        has_lead_in=True,
        harmony=old.plan,
    )


def _played(plan: Plan, score: Score, seed: int, motifs: Motifs) -> tuple[Plan, Score]:
    """The song without its singer: an instrument takes the tunes."""
    sections = tuple(replace(section, lyric_section=None) for section in plan.sections)
    played = replace(plan, voice=None, sections=sections)
    return played, replace(score, vocals=(), parts=arrange(played, seed, chords_of(played), motifs))


def _same_words(old: Lyrics, new: Lyrics) -> bool:
    """Whether two texts sing the same lines, whatever their marks."""
    first, second = (
        [line.text for section in lyrics.sections for line in section.lines if line.syllables] for lyrics in (old, new)
    )
    return first == second
