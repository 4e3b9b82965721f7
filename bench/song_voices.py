"""The singer's part of `bench/song.py`: every fixed line sung alone and judged."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from bench.song_lines import BenchVoice, fixed_lines, on_a_tune
from bench.song_measure_stats import Figure, mean, median, pooled_median, pooled_rate, quantile90
from bench.song_measure_timbre import dnsmos
from bench.song_measure_voice import held_drops_db, onset_errors_ms, pitch_cents, track
from bench.song_measure_words import Ear, is_loop, word_errors
from bench.song_speech import speak
from tutti.engines.song.singer import Singer
from tutti.engines.song.singer.phrases import line_phrases
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ, Kokoro

# Recogniser and DNSMOS expect a moment of silence around what they hear.
_SILENCE_S = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedLine:
    """One line's measures."""

    text: str
    heard: str
    cents: np.ndarray
    onsets_ms: np.ndarray
    drops_db: np.ndarray
    word_errors: int
    spoken_errors: int
    words: int
    is_loop: bool
    sig: float
    p808: float
    seconds: float
    cost_s: float


def judge_lines(kokoro: Kokoro, ear: Ear, voice: BenchVoice, lines: range) -> Iterator[JudgedLine]:
    """Those of the fixed lines of the voice's language, by number, sung by it one after the other."""
    for number in lines:
        yield _judge(kokoro, ear, voice, fixed_lines(voice.language)[number], number)


def _judge(kokoro: Kokoro, ear: Ear, voice: BenchVoice, text: str, seed: int) -> JudgedLine:
    line, score = on_a_tune(text, voice, seed)
    began = time.process_time()
    sung = Singer(kokoro).sing(line, score, [(voice.name, 1.0)], seed)
    cost_s = time.process_time() - began
    phrases = line_phrases(line, score)
    notes = [note for phrase in phrases for syllable in phrase for note in syllable.notes]
    pitch = track(sung.audio, SAMPLE_RATE_HZ, sung.start_s)
    alone = np.pad(sung.audio, round(_SILENCE_S * SAMPLE_RATE_HZ))
    heard = ear.hear(alone, SAMPLE_RATE_HZ, voice.language)
    wrong, words = word_errors(text, heard, voice.language)
    spoken = ear.hear(speak(kokoro, line, score, [(voice.name, 1.0)]), SAMPLE_RATE_HZ, voice.language)
    scores = dnsmos(alone, SAMPLE_RATE_HZ)
    return JudgedLine(
        text=text,
        heard=heard,
        cents=pitch_cents(pitch, notes),
        onsets_ms=onset_errors_ms(pitch, phrases),
        drops_db=held_drops_db(sung.audio, SAMPLE_RATE_HZ, sung.start_s, notes),
        word_errors=wrong,
        spoken_errors=word_errors(text, spoken, voice.language)[0],
        words=words,
        is_loop=is_loop(heard, text),
        sig=scores["sig"],
        p808=scores["p808"],
        seconds=len(sung.audio) / SAMPLE_RATE_HZ,
        cost_s=cost_s,
    )


def voice_figures(lines: Iterable[JudgedLine]) -> dict[str, Figure]:
    """The rows of the table for one voice."""
    judged = list(lines)
    plain = [line for line in judged if not line.is_loop]
    onsets = [line.onsets_ms for line in judged]
    return {
        "pitch error, median cents": pooled_median([np.abs(line.cents) for line in judged]),
        "frames within 50 cents": pooled_rate(
            [np.sum(np.abs(line.cents) < 50) for line in judged], [len(line.cents) for line in judged]
        ),
        "onset, median ms": pooled_median(onsets),
        "onset, median of absolute ms": pooled_median([np.abs(errors) for errors in onsets]),
        "onset, 90 % of absolute ms": quantile90(np.abs(np.concatenate(onsets))),
        "words wrong (pinyin, morae)": pooled_rate(
            [line.word_errors for line in plain], [line.words for line in plain]
        ),
        "same lines spoken": pooled_rate([line.spoken_errors for line in judged], [line.words for line in judged]),
        "recogniser loops": mean([float(line.is_loop) for line in judged]),
        "held notes, median drop dB": pooled_median([line.drops_db for line in judged]),
        "held notes, 90 % drop dB": quantile90(np.concatenate([line.drops_db for line in judged])),
        "DNSMOS sig": median([line.sig for line in judged]),
        "DNSMOS p808": median([line.p808 for line in judged]),
        "CPU seconds per second": pooled_rate([line.cost_s for line in judged], [line.seconds for line in judged]),
    }
