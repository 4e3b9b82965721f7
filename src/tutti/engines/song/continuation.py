"""Going on from an earlier song: the same key, tempo, metre, voice, groove, chords and tunes under new words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutti.engines.song import form
from tutti.engines.song.blend import row_of
from tutti.engines.song.flow import is_rapped
from tutti.engines.song.model import Brief, Lyrics, Plan, PlanSection, Score, VoiceChoice
from tutti.engines.song.motif import Motifs, remembered
from tutti.engines.song.plan import energy_lift, has_words, lay_sections
from tutti.engines.song.progressions import draw_progressions
from tutti.engines.song.score import chords_of, compose
from tutti.engines.song.seeds import stream
from tutti.engines.song.voices import choose_voice


@dataclass(frozen=True, kw_only=True, slots=True)
class Continuation:
    """The new part, counted from its own bar 0, and how much of the old song goes before it."""

    plan: Plan
    score: Score
    # Whole bars of the old song that stay; its audio runs on under a crossfade of one bar where it has one more.
    kept_bars: int
    kept_s: float


def continue_plan(
    plan: Plan, score: Score, at_s: float, new_lyrics: Lyrics, seed: int, *, longest_s: float = 240.0
) -> Continuation:
    """The continuation of a song from the bar line nearest to `at_s` seconds, itself at most `longest_s` long.

    At least one bar of the old song stays. Lyrics without words give an instrumental part.
    """
    bar_s = score.duration_s / score.bars
    kept_bars = min(max(1, round(at_s / bar_s)), score.bars)
    motifs = remembered(plan, score, chords_of(plan))
    lift = _key_lift(plan, kept_bars)
    part, part_score = following(plan, motifs, new_lyrics, seed, longest_s=longest_s, lift_semitones=lift)
    return Continuation(plan=part, score=part_score, kept_bars=kept_bars, kept_s=kept_bars * bar_s)


def following(
    plan: Plan,
    motifs: Motifs,
    lyrics: Lyrics,
    seed: int,
    *,
    longest_s: float,
    has_lead_in: bool = False,
    lift_semitones: int = 0,
    harmony: Plan | None = None,
) -> tuple[Plan, Score]:
    """Plan and score of words that follow from a song: `motifs` are the tunes of that song, `plan` all the rest.

    A part that goes on has no lead-in, and lies `lift_semitones` above the song's key. Chords are those of `harmony`'s
    genre and seed, by default of `plan`'s own.
    """
    frame = form.Frame(
        bpm=plan.bpm,
        fastest_bpm=plan.bpm,
        hastiest_bpm=plan.bpm,
        beats_per_bar=plan.beats_per_bar,
        swing=plan.swing,
        longest_s=longest_s,
        is_rapped=is_rapped(row_of(plan)),
        layout=row_of(plan).layout,
    )
    is_sung = has_words(lyrics)
    rng = stream(seed, "form")
    shape = (
        form.sung_form(lyrics, frame, rng, lead_in=has_lead_in)
        if is_sung
        else form.instrumental_form(frame, rng, lead_in=has_lead_in)
    )
    # The old seed stays in the plan: groove, schemes and progressions are drawn from it.
    part = replace(
        plan,
        sections=lay_passages(plan, shape.passages, harmony=harmony, lift_semitones=lift_semitones),
        voice=(plan.voice or voice_for(plan, seed)) if is_sung else None,
        remarks=shape.remarks,
    )
    return part, compose(part, lyrics, seed, motifs=motifs)


def lay_passages(
    plan: Plan, passages: Sequence[form.Passage], *, harmony: Plan | None = None, lift_semitones: int = 0
) -> tuple[PlanSection, ...]:
    """Passages over a song's chords in its key, or `lift_semitones` above it, as full as the song is.

    The chords are those that the genre and seed of `harmony`, by default of `plan`, have for them.
    """
    chorded = harmony or plan
    return lay_sections(
        passages,
        draw_progressions(row_of(chorded), plan.mode, chorded.seed, weirdness=chorded.weirdness),
        tonic=plan.tonic,
        mode=plan.mode,
        beats_per_bar=plan.beats_per_bar,
        lift=energy_lift(plan),
        key_lifts=[lift_semitones] * len(passages),
    )


def _key_lift(plan: Plan, kept_bars: int) -> int:
    """How far above its key the old song has gone where it is left."""
    return next((each.lift_semitones for each in reversed(plan.sections) if each.start_bar < kept_bars), 0)


def voice_for(plan: Plan, seed: int) -> VoiceChoice:
    """A singer for words in a song that had none."""
    brief = Brief(genre=plan.genre, language=plan.language)
    return choose_voice(brief, female_chance=row_of(plan).female, rng=stream(seed, "voice"))
