"""Sings written lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.model import Score, TimedSyllable, VocalLine
from tutti.engines.song.singer.direct import SungPhrase, sing_phrase
from tutti.engines.song.singer.manner import HARMONY, LEAD, Manner
from tutti.engines.song.singer.phrases import Phrase, line_phrases
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ, Kokoro
from tutti.models.runtime.kokoro.voices import Blend

# Every line comes out at this loudness (RMS of its sounding parts), so that a mix has one fader for a singer.
_LEVEL = 0.1
_HIGHEST_PEAK = 0.97
# Quieter than this below the loudest twentieth of a second is no singing.
_SOUNDING = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class SungLine:
    """One take of a line: float32 mono at 24,000 Hz, -1..1; its first sample lies at `start_s` of the song."""

    audio: NDArray[np.float32]
    # May be negative: a line on the song's first beat has its consonants before it.
    start_s: float
    syllables: tuple[TimedSyllable, ...]


class Singer:
    """A voice that reads scores."""

    def __init__(self, kokoro: Kokoro) -> None:
        self._kokoro = kokoro

    def sing(
        self,
        line: VocalLine,
        score: Score,
        blend: Blend,
        seed: int,
        *,
        harmony: bool = False,
        manner: Manner | None = None,
    ) -> SungLine:
        """One take of a line, on the harmony's pitches with `harmony`; the same arguments give the same samples.

        A line without syllables is silence of no length. Raises `ModelFileError` for an unknown voice.
        """
        rng = np.random.default_rng(seed)
        manner = manner or (HARMONY if harmony else LEAD)
        phrases = line_phrases(line, score, harmony=harmony)
        if not phrases:
            return SungLine(audio=np.zeros(0, np.float32), start_s=0.0, syllables=())
        takes = [sing_phrase(self._kokoro, phrase, blend, manner, rng) for phrase in phrases]
        audio, start_s = _joined(takes)
        return SungLine(audio=_levelled(audio), start_s=start_s, syllables=_timed(phrases))


def _timed(phrases: Iterable[Phrase]) -> tuple[TimedSyllable, ...]:
    return tuple(
        TimedSyllable(
            text=sung.syllable.text, start_s=sung.start_s, end_s=sung.end_s, ends_word=sung.syllable.ends_word
        )
        for phrase in phrases
        for sung in phrase
    )


def _joined(takes: Sequence[SungPhrase]) -> tuple[NDArray[np.float32], float]:
    """Phrases laid at their times into one sound; where they touch, one's last sound and the next's first overlap."""
    start_s = min(take.start_s for take in takes)
    offsets = [round((take.start_s - start_s) * SAMPLE_RATE_HZ) for take in takes]
    whole = np.zeros(max(offset + len(take.audio) for offset, take in zip(offsets, takes, strict=True)), np.float32)
    for offset, take in zip(offsets, takes, strict=True):
        whole[offset : offset + len(take.audio)] += take.audio
    return whole, start_s


def _levelled(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound at `_LEVEL`, its peaks below full scale."""
    size = SAMPLE_RATE_HZ // 20
    padded = np.pad(audio, (0, -len(audio) % size))
    blocks = np.sqrt(np.mean(padded.reshape(-1, size) ** 2, axis=1))
    loudest = float(blocks.max(initial=0.0))
    if loudest <= 0.0:
        return audio
    sounding = blocks[blocks > loudest * _SOUNDING]
    gain = min(_LEVEL / float(np.sqrt(np.mean(sounding**2))), _HIGHEST_PEAK / float(np.abs(audio).max()))
    return (audio * np.float32(gain)).astype(np.float32)
