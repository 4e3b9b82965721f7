"""A song's plan and notes moved into another style: its form, tune and chords with another tempo, band and singer."""

from collections.abc import Iterable
from dataclasses import replace

from tutti.engines.song.feel import straight, swung
from tutti.engines.song.genre import genre
from tutti.engines.song.keys import NOTE_NAMES
from tutti.engines.song.model import Brief, Chord, Lyrics, Note, Plan, Score, VocalLine, VoiceChoice
from tutti.engines.song.plan import make_plan
from tutti.engines.song.seeds import stream
from tutti.engines.song.voices import choose_voice

# A tune bears so much change of tempo before it is another tune; beyond it the new style's half or double is tried.
_SLOWEST, _FASTEST = 0.7, 1.4
# From this likeness on the old song's instruments stay where the new band has a chair of the same name.
_KEEPS_INSTRUMENTS = 0.5
_NO_WORDS = Lyrics(text="", sections=())


def restyled(
    plan: Plan, brief: Brief, seed: int, *, singer: VoiceChoice | None = None, likeness: float | None = None
) -> Plan:
    """The plan of the same song in the brief's style.

    Its key is the brief's, else the one where the new singer sings as high in their range as the old one did.

    `likeness` 0..1 keeps tempo and instruments of the old song by degrees.
    """
    kept = likeness or 0.0
    style = _style(brief, plan, seed)
    voice = plan.voice and (singer or _singer(brief, plan, seed))
    wanted = brief.bpm or _nearest(style.bpm, plan.bpm) ** (1 - kept) * plan.bpm**kept
    moved = transposed(plan, _way(plan.tonic, brief.tonic, _shift(plan.voice, voice)))
    instruments = style.instruments
    if kept >= _KEEPS_INSTRUMENTS:
        instruments = instruments | {name: old for name, old in plan.instruments.items() if name in instruments}
    return replace(
        _with_band(moved, style, seed),
        title=brief.title or plan.title,
        bpm=round(wanted, 2),
        swing=style.swing,
        voice=voice,
        instruments=instruments,
        remarks=(),
    )


def with_new_band(plan: Plan, brief: Brief, seed: int) -> Plan:
    """The plan with another band under the same singer, in the same tempo, feel and key."""
    return _with_band(plan, _style(brief, plan, seed), seed)


def _with_band(plan: Plan, style: Plan, seed: int) -> Plan:
    """The plan played by the band of another."""
    return replace(
        plan,
        style=style.style,
        genre=style.genre,
        instruments=style.instruments,
        drum_kit=style.drum_kit,
        palette=style.palette,
        seed=seed,
    )


def moved_score(score: Score, old: Plan, new: Plan) -> Score:
    """The sung lines in the new plan's key and feel; ticks keep the rhythm whatever the tempo. The band is left out."""
    semitones = _way(old.tonic, new.tonic, _shift(old.voice, new.voice))
    vocals = tuple(_moved_line(line, semitones, old.swing, new.swing) for line in score.vocals)
    return replace(score, bpm=new.bpm, vocals=vocals, parts=())


def transposed(plan: Plan, semitones: int) -> Plan:
    """The plan in another key."""
    sections = tuple(
        replace(section, chords=tuple(_moved_chord(chord, semitones) for chord in section.chords))
        for section in plan.sections
    )
    return replace(plan, tonic=(plan.tonic + semitones) % 12, sections=sections)


def _style(brief: Brief, plan: Plan, seed: int) -> Plan:
    """What the style brings that is not form: tempo, feel, band."""
    bare = replace(brief, instrumental=True, language=plan.language, bpm=None)
    return make_plan(bare, _NO_WORDS, seed, longest_s=240.0)


def _singer(brief: Brief, plan: Plan, seed: int) -> VoiceChoice:
    female = genre(brief.genre).female
    return choose_voice(replace(brief, language=plan.language), female_chance=female, rng=stream(seed, "voice"))


def _nearest(bpm: float, old_bpm: float) -> float:
    """The style's tempo, its half or its double, whichever is nearest, as far as the tune bears it."""
    near = min((bpm / 2, bpm, bpm * 2), key=lambda each: max(each / old_bpm, old_bpm / each))
    return min(max(near, old_bpm * _SLOWEST), old_bpm * _FASTEST)


def _shift(old: VoiceChoice | None, new: VoiceChoice | None) -> int:
    """Semitones from one singer's range to another's."""
    if old is None or new is None:
        return 0
    return round((new.low_pitch + new.high_pitch - old.low_pitch - old.high_pitch) / 2)


def _way(tonic: int, wanted: int | None, semitones: int) -> int:
    """The way to a wanted key that is nearest to moving by `semitones`; that itself where no key is wanted."""
    if wanted is None:
        return semitones
    return semitones + (wanted - tonic - semitones + 6) % 12 - 6


def _moved_chord(chord: Chord, semitones: int) -> Chord:
    return replace(
        chord,
        root=(chord.root + semitones) % 12,
        tones=tuple((tone + semitones) % 12 for tone in chord.tones),
        bass=(chord.bass + semitones) % 12,
        name="/".join(_moved_name(part, semitones) for part in chord.name.split("/")),
    )


def _moved_name(name: str, semitones: int) -> str:
    letters = 2 if name[1:2] in {"#", "b"} else 1
    root = "C D EF G A B".index(name[0]) + {"#": 1, "b": -1}.get(name[1:2], 0)
    return NOTE_NAMES[(root + semitones) % 12] + name[letters:]


def _moved_line(line: VocalLine, semitones: int, old_swing: float, new_swing: float) -> VocalLine:
    syllables = tuple(
        replace(sung, notes=tuple(_moved_notes(sung.notes, semitones, old_swing, new_swing))) for sung in line.syllables
    )
    harmony = tuple(pitch + semitones for pitch in line.harmony_pitches)
    return replace(line, syllables=syllables, harmony_pitches=harmony)


def _moved_notes(notes: Iterable[Note], semitones: int, old_swing: float, new_swing: float) -> Iterable[Note]:
    for note in notes:
        start, end = (
            swung(straight(ticks, old_swing), new_swing)
            for ticks in (note.onset_ticks, note.onset_ticks + note.length_ticks)
        )
        yield replace(note, onset_ticks=start, length_ticks=max(1, end - start), pitch=note.pitch + semitones)
