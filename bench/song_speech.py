"""A line spoken by the voice that is to sing it: as well understood as singing could be."""

import numpy as np

from tutti.engines.song.model import Score, VocalLine
from tutti.engines.song.singer.phrases import line_phrases
from tutti.engines.song.singer.tokens import phrase_tokens
from tutti.models.runtime.kokoro import Kokoro
from tutti.models.runtime.kokoro.voices import Blend


def speak(kokoro: Kokoro, line: VocalLine, score: Score, blend: Blend) -> np.ndarray:
    """The line's letters with the network's own lengths, pitch and energy: float32 mono at 24,000 Hz."""
    spoken = []
    for phrase in line_phrases(line, score):
        tokens = phrase_tokens(phrase, kokoro.vocabulary)
        ids = kokoro.vocabulary.encode(token.letter for token in tokens)
        style = kokoro.voices.style(blend, len(tokens))
        frames = np.maximum(1, np.round(kokoro.durations(ids, style))).astype(np.int64)
        own = kokoro.prosody(ids, style, frames)
        spoken.append(kokoro.sound(kokoro.articulate(ids, style, frames, own), style, own.f0))
    return np.concatenate(spoken)
