"""The plan: everything decided before the first note.

Key, tempo, metre, voice, form, chords, energies and instruments, drawn from the genre's row by the seed; whatever the
caller asked for goes before chance.
"""

from collections.abc import Sequence

import numpy as np

from tutti.engines.song import form, harmony
from tutti.engines.song.blend import blended
from tutti.engines.song.flow import is_rapped
from tutti.engines.song.genre import Genre, genre_name
from tutti.engines.song.key_change import key_lifts
from tutti.engines.song.length import fitted
from tutti.engines.song.model import (
    Brief,
    Lyrics,
    Plan,
    PlanSection,
    SectionKind,
    VoiceChoice,
)
from tutti.engines.song.progressions import draw_progressions
from tutti.engines.song.seeds import pick, stream
from tutti.engines.song.voices import choose_voice
from tutti.intents import SongWishes

# How full each kind of passage plays, 0..1, before mood and position move it.
_ENERGIES = {
    SectionKind.INTRO: 0.38,
    SectionKind.VERSE: 0.48,
    SectionKind.PRE_CHORUS: 0.62,
    SectionKind.CHORUS: 0.84,
    SectionKind.BRIDGE: 0.58,
    SectionKind.BREAK: 0.7,
    SectionKind.OUTRO: 0.5,
}
# What moods of the brief's vocabulary (`data/brief.toml`) do to mode, tempo and fullness.
_MINOR_MOODS = frozenset({"sad", "emotional", "dark", "angry", "nostalgic", "epic"})
_MAJOR_MOODS = frozenset({"happy", "romantic", "hopeful", "playful"})
_CALM_MOODS = frozenset({"calm", "sad", "romantic", "dreamy", "nostalgic"})
_LIVELY_MOODS = frozenset({"energetic", "happy", "angry", "epic", "playful", "hopeful"})
# The tonic's place above the voice's lowest note: the tune closes in its middle, with room on both sides.
_TONIC_ABOVE_LOW = (3, 8)
_LEAD_PART = "lead"
# How far past its usual tempo a song may be pushed so that all its words fit.
_HASTE = 1.2
# How far past its genre's tempos a song goes whose style weighs nothing, and how weird that makes it.
_STRAY = 0.15
_LOOSE_IS_WEIRD = 0.35
# How likely the weirdest song gives a section other than a chorus a bar too many.
_ODD_PHRASES = 0.5
_NO_WISHES = SongWishes()


def make_plan(brief: Brief, lyrics: Lyrics, seed: int, *, longest_s: float, wishes: SongWishes = _NO_WISHES) -> Plan:
    """The plan of one version of a song, at most `longest_s` seconds long.

    Lyrics without a syllable, or a brief that says so, give an instrumental. Of the wishes, length, weirdness and style
    weight are met here; the brief holds the others. `Plan.remarks` says what could not be met.
    """
    name = genre_name(brief.genre)
    row = blended(name, brief.palette)
    voice = None
    if not brief.instrumental and has_words(lyrics):
        voice = choose_voice(brief, female_chance=row.female, rng=stream(seed, "voice"))
    frame = _frame(brief, row, wishes, longest_s, stream(seed, "tempo"))
    shape = (
        form.sung_form(lyrics, frame, stream(seed, "form"))
        if voice
        else form.instrumental_form(frame, stream(seed, "form"))
    )
    shape = fitted(shape, lyrics, frame)
    mode = _mode(brief, row, stream(seed, "mode"))
    tonic = _tonic(row, voice, stream(seed, "tonic")) if brief.tonic is None else brief.tonic
    weirdness = _weirdness(wishes)
    return Plan(
        title=brief.title,
        style=brief.style,
        genre=name,
        language=brief.language,
        seed=seed,
        bpm=shape.bpm,
        beats_per_bar=frame.beats_per_bar,
        tonic=tonic,
        mode=mode,
        sections=lay_sections(
            shape.passages,
            draw_progressions(row, mode, seed, weirdness=weirdness),
            tonic=tonic,
            mode=mode,
            beats_per_bar=frame.beats_per_bar,
            lift=_mood_lift(brief) + row.energy,
            key_lifts=key_lifts(shape.passages, name, stream(seed, "key-change")),
        ),
        voice=voice,
        swing=frame.swing,
        instruments=_instruments(row, stream(seed, "instruments")),
        drum_kit=row.drum_kit,
        palette=brief.palette,
        weirdness=weirdness,
        remarks=shape.remarks,
    )


def has_words(lyrics: Lyrics) -> bool:
    """Whether there is anything to sing."""
    return any(line.syllables for section in lyrics.sections for line in section.lines)


def lay_sections(
    passages: Sequence[form.Passage],
    progressions: dict[SectionKind, str],
    *,
    tonic: int,
    mode: str,
    beats_per_bar: int,
    lift: float = 0.0,
    key_lifts: Sequence[int] = (),
) -> tuple[PlanSection, ...]:
    """Passages with their bars counted from 0, chords and energies.

    `lift` makes all of them fuller or barer, `key_lifts` moves each up by so many semitones, none of them when empty.
    """
    sections = []
    start_bar = 0
    for index, (passage, key_lift) in enumerate(zip(passages, key_lifts or [0] * len(passages), strict=True)):
        chords = harmony.progression(
            progressions[passage.kind],
            bars=passage.bars,
            tonic=(tonic + key_lift) % 12,
            mode=mode,
            beats_per_bar=beats_per_bar,
            ending=_ending(passage.kind, mode, is_last=index == len(passages) - 1),
        )
        sections.append(
            PlanSection(
                kind=passage.kind,
                label=passage.label,
                start_bar=start_bar,
                bars=passage.bars,
                chords=chords,
                energy=_energy(passages, index, lift),
                lyric_section=passage.lyric_section,
                line_bars=passage.line_bars,
                lift_semitones=key_lift,
            )
        )
        start_bar += passage.bars
    return tuple(sections)


def _ending(kind: SectionKind, mode: str, *, is_last: bool) -> str:
    """The chord of a passage's last bar, "" for the progression's own: home at the end, the dominant before a turn."""
    if is_last:
        return "I" if mode == "major" else "i"
    if kind in {SectionKind.PRE_CHORUS, SectionKind.BRIDGE}:
        return "V"
    return ""


def _energy(passages: Sequence[form.Passage], index: int, lift: float) -> float:
    """Later verses are fuller than the first, the last chorus is the top."""
    passage = passages[index]
    same = [at for at, each in enumerate(passages) if each.kind is passage.kind]
    energy = _ENERGIES[passage.kind] + lift
    if passage.kind is SectionKind.VERSE and index != same[0]:
        energy += 0.08
    if passage.kind is SectionKind.CHORUS:
        energy += 0.12 if index == same[-1] and len(same) > 1 else 0.0
    return round(min(1.0, max(0.1, energy)), 3)


def _mood_lift(brief: Brief) -> float:
    """How much fuller or barer the moods make everything."""
    lively = any(mood in _LIVELY_MOODS for mood in brief.moods)
    calm = any(mood in _CALM_MOODS for mood in brief.moods)
    return 0.06 * lively - 0.08 * calm


def energy_lift(plan: Plan) -> float:
    """How much fuller or barer than usual a finished plan plays: what its moods did to the first section."""
    first = plan.sections[0]
    return first.energy - _ENERGIES[first.kind]


def _frame(brief: Brief, row: Genre, wishes: SongWishes, longest_s: float, rng: np.random.Generator) -> form.Frame:
    """Tempo, metre and length: the caller's, else one of the genre's tempos, slower when the mood is calm."""
    spread = _STRAY * _looseness(wishes)
    slowest, fastest = row.bpm[0] * (1 - spread), row.bpm[1] * (1 + spread)
    reach = float(rng.uniform(0.0, 1.0))
    if any(mood in _CALM_MOODS for mood in brief.moods):
        reach *= 0.5
    drawn = round(slowest + reach * (fastest - slowest))
    # Beyond these no sixteenth grid can be sung on.
    bpm = min(200.0, max(50.0, brief.bpm)) if brief.bpm else float(drawn)
    fastest_bpm = bpm if brief.bpm else float(fastest)
    beats_per_bar = pick(rng, row.meters)
    return form.Frame(
        bpm=bpm,
        fastest_bpm=fastest_bpm,
        hastiest_bpm=fastest_bpm * _HASTE,
        beats_per_bar=beats_per_bar,
        swing=row.swing_in(beats_per_bar),
        longest_s=longest_s,
        wanted_s=wishes.duration_s,
        is_rapped=is_rapped(row),
        oddness=_ODD_PHRASES * _weirdness(wishes),
        layout=row.layout,
    )


def _looseness(wishes: SongWishes) -> float:
    """How far the song may leave its genre's habits, 0..1; not at all unless the caller weighs the style."""
    return 0.0 if wishes.style_weight is None else 1.0 - wishes.style_weight


def _weirdness(wishes: SongWishes) -> float:
    """How far tune and harmony go from the usual, 0..1: what is wished, and a little where the style weighs less."""
    return min(1.0, (wishes.weirdness or 0.0) + _LOOSE_IS_WEIRD * _looseness(wishes))


def _mode(brief: Brief, row: Genre, rng: np.random.Generator) -> str:
    """Major or minor: the caller's, else by the first mood that says so, else by the genre's leaning."""
    if brief.mode is not None:
        return brief.mode
    chance = row.minor
    for mood in brief.moods:
        if mood in _MINOR_MOODS | _MAJOR_MOODS:
            chance = 0.85 if mood in _MINOR_MOODS else 0.1
            break
    return "minor" if rng.random() < chance else "major"


def _tonic(row: Genre, voice: VoiceChoice | None, rng: np.random.Generator) -> int:
    """A tonic that suits the voice, and the genre's players where it can."""
    if voice is None:
        return pick(rng, row.keys)
    nearest, farthest = _TONIC_ABOVE_LOW
    suited = tuple((voice.low_pitch + step) % 12 for step in range(nearest, farthest + 1))
    return pick(rng, tuple(key for key in suited if key in row.keys) or suited)


def _instruments(row: Genre, rng: np.random.Generator) -> dict[str, int]:
    """A program for every chair, and for the melody without a singer."""
    chosen = {chair.name: pick(rng, chair.programs) for chair in row.chairs}
    return chosen | {_LEAD_PART: pick(rng, row.lead)}
