"""One phrase sung: the score's durations and pitch put straight into the network's decoder."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.energy import energy_curve
from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import Phrase
from tutti.engines.song.singer.pitch import pitch_curve
from tutti.engines.song.singer.timing import time_phrase
from tutti.engines.song.singer.tokens import phrase_tokens
from tutti.models.runtime.kokoro import Kokoro, Prosody
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
    spoken = kokoro.durations(ids, style)
    spoken_frames = np.maximum(1, np.round(spoken)).astype(np.int64)
    timing = time_phrase(phrase, tokens, spoken[1:-1])
    energy = energy_curve(tokens, timing, kokoro.prosody(ids, style, spoken_frames).energy, spoken_frames)
    prosody = Prosody(f0=pitch_curve(phrase, tokens, timing, manner, rng), energy=energy)
    audio = np.nan_to_num(kokoro.decode(ids, style, timing.frames, prosody))
    return SungPhrase(audio=audio, start_s=timing.start_s + manner.late_s)
