"""One phrase sung: read at lengths that the network knows, stretched to the score's, sounded at its pitch and tuned.

English is read at the speed of speech. Mandarin is chanted, at the sung lengths until a vowel would be too long: its
short, evenly long syllables bear that well, and read at the speed of speech more is misheard (0.26 of the syllables
against 0.10 on 12 lines); English the other way round (0.40 of the words against 0.08 and 0.04, two voices, 16 lines).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.intonation import in_tune
from tutti.engines.song.singer.latency import latency_s
from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import Phrase
from tutti.engines.song.singer.pitch import pitch_curve
from tutti.engines.song.singer.reading import chant, read
from tutti.engines.song.singer.stretch import stretched
from tutti.engines.song.singer.timing import time_phrase
from tutti.engines.song.singer.tokens import phrase_tokens
from tutti.models.runtime.kokoro import Kokoro
from tutti.models.runtime.kokoro.voices import Blend


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
        reading = chant(kokoro, phrase, tokens, timing, ids=ids, style=style, frames=frames)
    else:
        reading = read(kokoro, phrase, tokens, ids=ids, style=style, frames=frames)
    features = stretched(reading, tokens, timing)
    # With its silence: the sound's layers are normalised over the whole phrase. Cut to what is heard, a seventh less
    # work, Mandarin lost the pitch (frames within 50 cents 0.84 against 0.95 on a line) and English 0.2 of DNSMOS.
    audio = kokoro.sound(features, style, hz)
    return SungPhrase(audio=in_tune(np.nan_to_num(audio), hz), hz=hz, start_s=timing.start_s + manner.late_s)
