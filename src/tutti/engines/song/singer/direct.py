"""One phrase sung: a reading of it, stretched onto the score's durations and sounded at its pitch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import Phrase
from tutti.engines.song.singer.pitch import pitch_curve
from tutti.engines.song.singer.reading import read
from tutti.engines.song.singer.stretch import stretched
from tutti.engines.song.singer.timing import time_phrase
from tutti.engines.song.singer.tokens import phrase_tokens
from tutti.models.runtime.kokoro import Kokoro
from tutti.models.runtime.kokoro.voices import Blend


@dataclass(frozen=True, kw_only=True, slots=True)
class SungPhrase:
    """A phrase's sound: float32 mono at 24,000 Hz, its first sample at `start_s` of the song."""

    audio: NDArray[np.float32]
    start_s: float


def sing_phrase(kokoro: Kokoro, phrase: Phrase, blend: Blend, manner: Manner, rng: np.random.Generator) -> SungPhrase:
    """The phrase in the blend's voice; the same generator state gives the same samples."""
    tokens = phrase_tokens(phrase, kokoro.vocabulary)
    ids = kokoro.vocabulary.encode(token.letter for token in tokens)
    style = kokoro.voices.style(blend, len(tokens))
    reading = read(kokoro, phrase, tokens, ids, style)
    timing = time_phrase(phrase, tokens, reading.spoken)
    hz = pitch_curve(phrase, tokens, timing, manner, rng)
    audio = np.nan_to_num(kokoro.sound(stretched(reading, tokens, timing), style, hz))
    return SungPhrase(audio=audio, start_s=timing.start_s + manner.late_s)
