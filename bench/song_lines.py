"""The fixed lines that a singer is measured on, each on a fixed tune that owes nothing to the composer.

A figure on them changes only when the singer does.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tutti.engines.song.model import (
    TICKS_PER_BEAT,
    Language,
    LyricLine,
    Note,
    Score,
    SungSyllable,
    VocalLine,
)
from tutti.engines.song.phonemes import line as read_line

_BPM = 100.0
_EIGHTH = TICKS_PER_BEAT // 2
_LAST_EIGHTHS = 4
# A pentatonic scale, which any walk over makes a tune of.
_SCALE = (0, 2, 4, 7, 9)


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchVoice:
    """Who sings the lines, and the MIDI notes between which their tunes walk."""

    language: Language
    name: str
    low_pitch: int
    high_pitch: int


VOICES = (
    BenchVoice(language=Language.ENGLISH, name="af_heart", low_pitch=53, high_pitch=64),
    BenchVoice(language=Language.ENGLISH, name="am_fenrir", low_pitch=45, high_pitch=55),
    BenchVoice(language=Language.MANDARIN, name="zf_xiaoxiao", low_pitch=53, high_pitch=64),
    BenchVoice(language=Language.MANDARIN, name="zm_yunxi", low_pitch=45, high_pitch=55),
    BenchVoice(language=Language.JAPANESE, name="jf_alpha", low_pitch=53, high_pitch=64),
    BenchVoice(language=Language.JAPANESE, name="jm_kumo", low_pitch=45, high_pitch=55),
)


def fixed_lines(language: Language) -> tuple[str, ...]:
    """The lines of a language, forty."""
    data = tomllib.loads((Path(__file__).parent / "data" / "song_lines.toml").read_text(encoding="utf-8"))
    return tuple(data[str(language)])


def on_a_tune(text: str, voice: BenchVoice, seed: int) -> tuple[VocalLine, Score]:
    """One line set to music: an eighth for a weak syllable or a mora, two for a strong one, four for the last."""
    words = read_line(text, voice.language)
    lengths = _lengths(words)
    pitches = _walk(len(lengths), voice, np.random.default_rng(seed))
    onset = 2 * TICKS_PER_BEAT
    sung = []
    for syllable, eighths, pitch in zip(words.syllables, lengths, pitches, strict=True):
        note = Note(onset_ticks=onset, length_ticks=eighths * _EIGHTH, pitch=pitch)
        sung.append(SungSyllable(syllable=syllable, notes=(note,)))
        onset += eighths * _EIGHTH
    line = VocalLine(text=text, language=voice.language, section=0, syllables=tuple(sung))
    bars = onset // (4 * TICKS_PER_BEAT) + 1
    return line, Score(bpm=_BPM, beats_per_bar=4, bars=bars, vocals=(line,), parts=())


def _lengths(words: LyricLine) -> list[int]:
    if words.language is Language.MANDARIN:
        # Characters are of one weight; a word's last one is a little longer now and then.
        lengths = [2 if syllable.ends_word and n % 3 == 2 else 1 for n, syllable in enumerate(words.syllables)]
    elif words.language is Language.JAPANESE:
        # A mora each; a long vowel, a nasal and a closure are one.
        lengths = [syllable.morae for syllable in words.syllables]
    else:
        lengths = [2 if syllable.stress == 1 else 1 for syllable in words.syllables]
    return [*lengths[:-1], _LAST_EIGHTHS]


def _walk(count: int, voice: BenchVoice, rng: np.random.Generator) -> list[int]:
    scale = [
        pitch for pitch in range(voice.low_pitch, voice.high_pitch + 1) if (pitch - voice.low_pitch) % 12 in _SCALE
    ]
    at = int(rng.integers(1, len(scale) - 1))
    pitches = []
    for _ in range(count):
        pitches.append(scale[at])
        at = int(np.clip(at + rng.choice([-2, -1, -1, 0, 1, 1, 2]), 0, len(scale) - 1))
    return pitches
