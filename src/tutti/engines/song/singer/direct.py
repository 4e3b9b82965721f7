"""One phrase sung: articulated at the score's durations and sounded at its pitch.

English is read at the speed of speech and the reading stretched; Mandarin is asked of the network at the sung lengths,
which its shorter, evenly long syllables bear well. The other way round more is misheard: English 0.40 of the words
against 0.08 and 0.04 (two voices, 16 lines), Mandarin 0.26 of the syllables against 0.10 (12 lines).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.energy import energy_curve
from tutti.engines.song.singer.latency import latency_s
from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import Phrase
from tutti.engines.song.singer.pitch import pitch_curve
from tutti.engines.song.singer.reading import read
from tutti.engines.song.singer.stretch import stretched
from tutti.engines.song.singer.timing import Timing, time_phrase
from tutti.engines.song.singer.tokens import phrase_tokens
from tutti.models.runtime.kokoro import CURVE_HZ, FRAME_HZ, Kokoro, Prosody
from tutti.models.runtime.kokoro.voices import Blend

# Curve values kept of the silence before the first letter, which sounds 75 ms early, and after the last.
_EDGE_BEFORE, _EDGE_AFTER = 14, 14


@dataclass(frozen=True, kw_only=True, slots=True)
class SungPhrase:
    """A phrase's sound: float32 mono at 24,000 Hz, its first sample at `start_s` of the song."""

    audio: NDArray[np.float32]
    # Its pitch: 80 values a second, 0 where it has no voice.
    hz: NDArray[np.float32]
    start_s: float


def sing_phrase(kokoro: Kokoro, phrase: Phrase, blend: Blend, manner: Manner, rng: np.random.Generator) -> SungPhrase:
    """The phrase in the blend's voice; the same generator state gives the same samples."""
    tokens = phrase_tokens(phrase, kokoro.vocabulary)
    ids = kokoro.vocabulary.encode(token.letter for token in tokens)
    style = kokoro.voices.style(blend, len(tokens))
    spoken = kokoro.durations(ids, style)
    timing = time_phrase(phrase, tokens, spoken[1:-1])
    timing = replace(timing, start_s=timing.start_s - latency_s(blend))
    hz = pitch_curve(phrase, tokens, timing, manner, rng)
    frames = np.maximum(1, np.round(spoken)).astype(np.int64)
    if any(sung.syllable.tone for sung in phrase):
        energy = energy_curve(tokens, timing, kokoro.prosody(ids, style, frames).energy, frames)
        features = kokoro.articulate(ids, style, timing.frames, Prosody(f0=hz, energy=energy))
    else:
        features = stretched(read(kokoro, phrase, tokens, ids=ids, style=style, frames=frames), tokens, timing)
    heard = _heard(timing)
    audio = kokoro.sound(np.ascontiguousarray(features[:, :, heard]), style, hz[heard])
    start_s = timing.start_s + heard.start / CURVE_HZ + manner.late_s
    return SungPhrase(audio=np.nan_to_num(audio), hz=hz[heard], start_s=start_s)


def _heard(timing: Timing) -> slice:
    """The curve values that are worth sounding: the articulation needs silence around it, the ear only its edges.

    Sounding is nine tenths of the cost, and the silence around a line a seventh of its length.
    """
    first, last = (int(border) * CURVE_HZ // FRAME_HZ for border in timing.borders[[1, -2]])
    return slice(max(0, first - _EDGE_BEFORE), last + _EDGE_AFTER)
