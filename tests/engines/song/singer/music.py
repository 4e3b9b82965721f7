"""Small scores and a network without weights for the singer's tests."""

import numpy as np
from hypothesis import strategies as st

from tutti.engines.song.model import (
    TICKS_PER_BEAT,
    Gender,
    Language,
    Note,
    Plan,
    Score,
    SungSyllable,
    Syllable,
    VocalLine,
    VoiceChoice,
)
from tutti.models.runtime.kokoro import Prosody
from tutti.models.runtime.kokoro.vocabulary import Vocabulary

LETTERS = " ˈˌ→↗↓↘ʰptkfsʃʧθhʦʨꭧʂɕxbdɡvzmnŋlɹɻjwɥAIOWYQaeiouæɑɔəɛɜɪʊʌɤɨy"
BPM = 120.0


def syllable(onset="", nucleus="a", coda="", **more) -> Syllable:
    return Syllable(onset=tuple(onset), nucleus=tuple(nucleus), coda=tuple(coda), **more)


def line(*sung: tuple[Syllable, list[tuple[float, float, int]]], **more) -> VocalLine:
    """A line of syllables on notes given as (beat, beats, pitch)."""
    return VocalLine(
        text="la",
        language=Language.ENGLISH,
        section=0,
        syllables=tuple(
            SungSyllable(
                syllable=words,
                notes=tuple(
                    Note(onset_ticks=int(at * TICKS_PER_BEAT), length_ticks=int(beats * TICKS_PER_BEAT), pitch=pitch)
                    for at, beats, pitch in notes
                ),
            )
            for words, notes in sung
        ),
        **more,
    )


def score(*lines: VocalLine, bars: int = 4) -> Score:
    return Score(bpm=BPM, beats_per_bar=4, bars=bars, vocals=lines, parts=())


def plan(*, seed: int = 1, sung: bool = True) -> Plan:
    voice = VoiceChoice(blend=(("a", 1.0),), gender=Gender.FEMALE, low_pitch=53, high_pitch=69)
    return Plan(
        title="t",
        style="s",
        genre="pop",
        language=Language.ENGLISH,
        seed=seed,
        bpm=BPM,
        beats_per_bar=4,
        tonic=0,
        mode="major",
        sections=(),
        voice=voice if sung else None,
    )


class FakeVoices:
    """Every speaker has one style: the sum of its name's letters."""

    def style(self, blend, letters):
        assert letters <= 510
        return np.full((1, 256), sum(weight * sum(map(ord, name)) for name, weight in blend), np.float32)


class FakeKokoro:
    """Speaks every letter in three frames; its sound is a sine at the asked pitch, silent where that is 0."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary({letter: n + 1 for n, letter in enumerate(LETTERS)})
        self.voices = FakeVoices()
        self.calls: list[tuple[np.ndarray, np.ndarray]] = []

    def durations(self, ids, style, *, speed=1.0):
        assert ids.shape[1] <= 512
        assert style.shape == (1, 256)
        return np.full(ids.shape[1], 3.0 / speed, np.float32)

    def prosody(self, ids, style, frames):
        assert ids.shape == (1, len(frames))
        assert style.shape == (1, 256)
        length = 2 * int(frames.sum())
        return Prosody(f0=np.full(length, 150.0, np.float32), energy=np.full(length, 2.0, np.float32))

    def articulate(self, ids, style, frames, prosody):
        assert ids.shape == (1, len(frames))
        assert len(prosody.f0) == len(prosody.energy) == 2 * int(frames.sum())
        assert frames.min() >= 0
        return np.full((1, 4, len(prosody.f0)), 0.1 + 1e-6 * float(style[0, 0]), np.float32)

    def sound(self, features, style, f0):
        assert style.shape == (1, 256)
        assert features.shape == (1, 4, len(f0))
        self.calls.append((features, f0))
        hz = np.repeat(f0, 300)
        loud = np.repeat(features[0, 0], 300)
        return np.where(hz > 0, loud * np.sin(2 * np.pi * np.cumsum(hz) / 24_000), 0.0).astype(np.float32)


syllables = st.builds(
    syllable,
    onset=st.text("ptksʃmnlɹbʰw?", max_size=4),
    nucleus=st.lists(st.sampled_from("aeiAIOWYəɹ?"), max_size=3).map("".join),
    coda=st.text("tsmnŋk?", max_size=4),
    stress=st.integers(0, 2),
    tone=st.integers(0, 5),
    starts_word=st.booleans(),
)


@st.composite
def lines(draw) -> VocalLine:
    """Any line: fast and slow notes, rests, melismas, letters that the network does not know."""
    at, sung = draw(st.floats(0, 4)), []
    for words in draw(st.lists(syllables, min_size=1, max_size=40)):
        notes = []
        for _ in range(draw(st.integers(1, 3))):
            beats = draw(st.sampled_from([0.05, 0.25, 0.5, 1.0, 12.0]))
            notes.append((at, beats, draw(st.integers(40, 80))))
            at += beats
        at += draw(st.sampled_from([0.0, 0.0, 0.1, 1.5]))
        sung.append((words, notes))
    return line(*sung)
