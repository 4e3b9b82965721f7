"""Songs composed for tests of the composer: plans and scores out of rough lyrics, and scores written by hand."""

from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song.harmony import progression
from tutti.engines.song.model import (
    Brief,
    Gender,
    Language,
    Note,
    Plan,
    PlanSection,
    Score,
    SectionKind,
    SungSyllable,
    Syllable,
    VocalLine,
    VoiceChoice,
)
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose
from tutti.intents import SongWishes

VOICE = VoiceChoice(blend=(("a", 1.0),), gender=Gender.FEMALE, low_pitch=52, high_pitch=65)
_BAR = 4 * 480


def song(genre="pop", text=CITY_LIGHTS, seed=0, *, language=Language.ENGLISH, longest_s=240.0, wishes=None, **brief):
    """Plan and score of a text in a genre; `brief` are other fields of it."""
    lyrics = rough_lyrics(text)
    plan = make_plan(
        Brief(genre=genre, language=language, **brief),
        lyrics,
        seed,
        longest_s=longest_s,
        wishes=wishes or SongWishes(),
    )
    return plan, compose(plan, lyrics, seed)


def written(*lines, kinds=None, bpm=120.0, tones=None, lifts=None):
    """A plan of two-bar sections on C and a score with one line in each.

    A line is a list of (sixteenth, length in sixteenths, pitch); a nested list of pitches is a melisma of equal notes.
    """
    kinds = kinds or [SectionKind.VERSE] * len(lines)
    sections = tuple(
        PlanSection(
            kind=kind,
            label=kind.value,
            start_bar=2 * index,
            bars=2,
            chords=progression("I", bars=2, tonic=(lifts or {}).get(index, 0), mode="major", beats_per_bar=4),
            energy=0.5,
            lyric_section=index,
            line_bars=(2,),
            lift_semitones=(lifts or {}).get(index, 0),
        )
        for index, kind in enumerate(kinds)
    )
    plan = Plan(
        title="", style="", genre="pop", language=Language.ENGLISH, seed=0, bpm=bpm, beats_per_bar=4, tonic=0,
        mode="major", sections=sections, voice=VOICE,
    )  # fmt: skip
    vocals = tuple(_line(index, line, tones) for index, line in enumerate(lines))
    return plan, Score(bpm=bpm, beats_per_bar=4, bars=2 * len(lines), vocals=vocals, parts=())


def _line(section, notes, tones):
    return VocalLine(
        text=f"line {section}",
        language=Language.ENGLISH,
        section=section,
        syllables=tuple(
            SungSyllable(
                syllable=Syllable(onset=("l",), nucleus=("a",), tone=tones[index] if tones else 0),
                notes=_notes(2 * section * _BAR + start * 120, length * 120, pitch),
            )
            for index, (start, length, pitch) in enumerate(notes)
        ),
    )


def _notes(onset, length, pitches):
    row = pitches if isinstance(pitches, list) else [pitches]
    each = length // len(row)
    return tuple(
        Note(onset_ticks=onset + index * each, length_ticks=each, pitch=pitch) for index, pitch in enumerate(row)
    )
