"""Sings written lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.model import Score, TimedSyllable, VocalLine, VoiceColour
from tutti.engines.song.singer.colour import coloured
from tutti.engines.song.singer.direct import SungPhrase, sing_phrase
from tutti.engines.song.singer.manner import LEAD, Manner
from tutti.engines.song.singer.phrases import Phrase, line_phrases
from tutti.engines.song.singer.swell import swelled
from tutti.models.runtime.kokoro import CURVE_HZ, SAMPLE_RATE_HZ, Kokoro
from tutti.models.runtime.kokoro.voices import Blend

# Every line comes out at this loudness (RMS of its sounding parts), so that a mix has one fader for a singer.
_LEVEL = 0.1
_HIGHEST_PEAK = 0.97
_PER_VALUE = SAMPLE_RATE_HZ // CURVE_HZ
# Quieter than this below the loudest twentieth of a second is no singing.
_SOUNDING = 0.1
_BLOCK = SAMPLE_RATE_HZ // 20
# The fader moves over a quarter of a second, so that it follows notes and not letters; it lets go 34 dB down.
_RIDE_BLOCKS = 5
_RIDDEN_FROM = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class SungLine:
    """One take of a line: float32 mono at 24,000 Hz, -1..1; its first sample lies at `start_s` of the song."""

    audio: NDArray[np.float32]
    # Its pitch in Hz, 0 where it has no voice: float32, 80 values a second from its first sample on.
    hz: NDArray[np.float32]
    # May be negative: a line on the song's first beat has its consonants before it.
    start_s: float
    syllables: tuple[TimedSyllable, ...]


_OWN = VoiceColour()


class Singer:
    """A voice that reads scores."""

    def __init__(self, kokoro: Kokoro, *, lines_at_once: int = 1) -> None:
        """Let a song's lines be sung so many at once, each on the threads that the network has for a call."""
        self._kokoro = kokoro
        self.lines_at_once = lines_at_once

    def sing(
        self,
        line: VocalLine,
        score: Score,
        blend: Blend,
        seed: int,
        *,
        manner: Manner = LEAD,
        colour: VoiceColour = _OWN,
    ) -> SungLine:
        """One take of a line; the same arguments give the same samples.

        A line without syllables is silence of no length. Raises `ModelFileError` for an unknown voice.
        """
        rng = np.random.default_rng(seed)
        phrases = line_phrases(line, score)
        if not phrases:
            nothing = np.zeros(0, np.float32)
            return SungLine(audio=nothing, hz=nothing, start_s=0.0, syllables=())
        takes = [sing_phrase(self._kokoro, phrase, blend, manner, rng) for phrase in phrases]
        audio, hz, start_s = _joined(takes)
        notes = [note for phrase in phrases for sung in phrase for note in sung.notes]
        audio = swelled(ridden(coloured(audio, hz, colour)), notes, start_s - manner.late_s)
        return SungLine(audio=levelled(audio), hz=hz, start_s=start_s, syllables=_timed(phrases))


def _timed(phrases: Iterable[Phrase]) -> tuple[TimedSyllable, ...]:
    return tuple(
        TimedSyllable(
            text=sung.syllable.text, start_s=sung.start_s, end_s=sung.end_s, ends_word=sung.syllable.ends_word
        )
        for phrase in phrases
        for sung in phrase
    )


def _joined(takes: Sequence[SungPhrase]) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Phrases laid at their times into one sound and one pitch curve, and when they begin.

    Where they touch, one's last sound and the next's first overlap.
    """
    start_s = min(take.start_s for take in takes)
    offsets = [round((take.start_s - start_s) * CURVE_HZ) for take in takes]
    hz = np.zeros(max(offset + len(take.hz) for offset, take in zip(offsets, takes, strict=True)), np.float32)
    whole = np.zeros(len(hz) * _PER_VALUE, np.float32)
    for offset, take in zip(offsets, takes, strict=True):
        first = offset * _PER_VALUE
        whole[first : first + len(take.audio)] += take.audio[: len(whole) - first]
        part = hz[offset : offset + len(take.hz)]
        np.maximum(part, take.hz, out=part)
    return whole, hz, start_s


def ridden(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound with half the decibels of its swings, as a hand on the fader would: some held vowels fade by 10 dB.

    What lies far below the voice, breath and silence, is left alone.
    """
    levels = _smooth(_levels(audio), _RIDE_BLOCKS)
    sounding = levels > float(levels.max(initial=0.0)) * _RIDDEN_FROM
    if not sounding.any():
        return audio
    reference = float(np.sqrt(np.mean(levels[sounding] ** 2)))
    gains = np.where(sounding, np.clip(np.sqrt(reference / np.maximum(levels, 1e-9)), 0.7, 3.0), 1.0)
    middles = (np.arange(len(levels)) + 0.5) * _BLOCK
    return np.asarray(audio * np.interp(np.arange(len(audio)), middles, _smooth(gains, _RIDE_BLOCKS)), np.float32)


def levelled(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound at `_LEVEL`, its peaks below full scale."""
    levels = _levels(audio)
    loudest = float(levels.max(initial=0.0))
    if loudest <= 0.0:
        return audio
    sounding = levels[levels > loudest * _SOUNDING]
    gain = min(_LEVEL / float(np.sqrt(np.mean(sounding**2))), _HIGHEST_PEAK / float(np.abs(audio).max()))
    return np.asarray(audio * np.float32(gain), np.float32)


def _levels(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """RMS of each twentieth of a second."""
    blocks = np.pad(audio, (0, -len(audio) % _BLOCK)).reshape(-1, _BLOCK)
    return np.asarray(np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1)))


def _smooth(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    weights = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(values, width // 2, mode="edge"), weights / weights.sum(), "valid")
