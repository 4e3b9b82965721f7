"""The master: one tone, one loudness, and no peak that any decoder could clip.

Loudness is -14 LUFS by BS.1770. Encoding raises true peaks by up to a decibel, so they are measured on what a decoder
makes of the mp3. The limiter's gain is settled on curves before any sample is touched; then one walk through the song
limits, encodes, decodes and measures it block by block, so the mp3 can be heard while it grows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tutti.engines.song.dsp.dynamics import Curve, gain_samples
from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.dsp.levels import (
    HOP_SAMPLES,
    LoudnessMeter,
    hop_powers,
    loudness_of_powers,
    to_db,
    true_peak_curve,
    true_peak_db,
)
from tutti.engines.song.dsp.limiter import limiting_gain_db
from tutti.engines.song.model import Audio
from tutti.engines.song.mp3 import Mp3Decoder, Mp3Encoder
from tutti.engines.song.tone import tone
from tutti.errors import EngineError

LOUDNESS_LUFS = -14.0
CEILING_DBTP = -1.0

# The limiter's ceiling. What the encoder adds to it lay below 0.9 dB in every song measured, so the first encoding
# stands; listeners who hear it grow hear its final bytes.
_LIMITER_CEILING_DB = -2.2
# Nor do peaks stand further than this over the RMS of the whole: what is not dense is not loud beside other songs. The
# encoder adds up to 1.6 dB to single peaks, and 14 dB are wanted of what is heard.
_MOST_CREST_DB = 12.3
_ATTEMPTS = 4

# The limiter's gain is tried on curves until the loudness is so near, each round leaving less than half of the error.
_NEAR_LU = 0.02
_ROUNDS = 8

# Told each further piece of the mp3, in order. An empty piece says that all so far is void and begins anew.
OnBytes = Callable[[bytes], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mastered:
    """The finished sound."""

    # float32, shape (2, samples), before the encoder.
    audio: Audio
    mp3: bytes
    # Of the decoded mp3.
    loudness_lufs: float
    true_peak_dbtp: float


def master(mixed: Audio, *, genre: str, on_bytes: OnBytes = lambda _: None) -> Mastered:
    """The mix mastered and encoded, in the array of the mix; raises `EngineError` for a silent mix."""
    return encoded_below_ceiling(tone(mixed, genre=genre), on_bytes=on_bytes)


def encoded_below_ceiling(sound: Audio, *, on_bytes: OnBytes = lambda _: None) -> Mastered:
    """A sound limited, brought to `LOUDNESS_LUFS` and encoded, so that its decoded peaks stay below `CEILING_DBTP`.

    The sound's own array holds the result. Raises `EngineError` when the peaks cannot be kept there.
    """
    gain_db, ceiling_db = _gain_to_loudness(sound)
    for _ in range(_ATTEMPTS):
        mastered = _encoded(sound, gain_db, on_bytes)
        if mastered.true_peak_dbtp <= CEILING_DBTP:
            return mastered
        ceiling_db -= mastered.true_peak_dbtp - CEILING_DBTP + 0.1
        gain_db = limiting_gain_db(true_peak_curve(sound, HOP_SAMPLES), ceiling_db=ceiling_db)
        on_bytes(b"")
    raise EngineError(
        f"The encoded sound peaks at {mastered.true_peak_dbtp:.1f} dBTP, above {CEILING_DBTP} dBTP after "
        f"{_ATTEMPTS} tries."
    )


def _gain_to_loudness(sound: Audio) -> tuple[Curve, float]:
    """The gain that limits and still gives the loudness wanted, and the ceiling it keeps, in dBTP.

    What the limiter takes is given back before it.
    """
    meter = LoudnessMeter()
    for start in range(0, sound.shape[1], BLOCK_SAMPLES):
        meter.add(sound[:, start : start + BLOCK_SAMPLES])
    powers, peaks = meter.powers, true_peak_curve(sound, HOP_SAMPLES)
    level_db = LOUDNESS_LUFS - loudness_of_powers(powers)
    rms_db = to_db(float(np.sqrt(hop_powers(sound, HOP_SAMPLES).mean())))
    ceiling_db = min(_LIMITER_CEILING_DB, rms_db + level_db + _MOST_CREST_DB)
    for _ in range(_ROUNDS):
        gain_db = limiting_gain_db(peaks, ceiling_db=ceiling_db - level_db) + np.float32(level_db)
        missing_db = LOUDNESS_LUFS - loudness_of_powers(powers * np.power(10, gain_db / 10, dtype=np.float32))
        if abs(missing_db) < _NEAR_LU:
            break
        level_db += missing_db
    return gain_db, ceiling_db


def _encoded(sound: Audio, gain_db: Curve, on_bytes: OnBytes) -> Mastered:
    """The sound after a gain, in its own array, and as an mp3 with what was heard of it."""
    encoder, heard, content = Mp3Encoder(), _Listener(), bytearray()
    for start in range(0, sound.shape[1], BLOCK_SAMPLES):
        block = sound[:, start : start + BLOCK_SAMPLES]
        block *= gain_samples(gain_db, start, start + block.shape[1])
        _publish(encoder.encode(block), content, heard, on_bytes)
    _publish(encoder.finish(), content, heard, on_bytes)
    heard.finish()
    return Mastered(audio=sound, mp3=bytes(content), loudness_lufs=heard.lufs, true_peak_dbtp=heard.peak_dbtp)


def _publish(piece: bytes, content: bytearray, heard: "_Listener", on_bytes: OnBytes) -> None:
    if piece:
        content += piece
        heard.hear(piece)
        on_bytes(piece)


class _Listener:
    """Decodes an mp3 as it grows and measures it."""

    def __init__(self) -> None:
        self._decoder, self._meter = Mp3Decoder(), LoudnessMeter()
        # The end of the last sound heard: a peak may lie where two pieces meet.
        self._tail = np.zeros((2, 0), np.float32)
        self._highest = -np.inf

    def hear(self, piece: bytes) -> None:
        self._measure(self._decoder.decode(piece))

    def finish(self) -> None:
        self._measure(self._decoder.finish())

    @property
    def lufs(self) -> float:
        return self._meter.lufs

    @property
    def peak_dbtp(self) -> float:
        return max(self._highest, to_db(0.0))

    def _measure(self, sound: Audio) -> None:
        if sound.shape[1]:
            self._meter.add(sound)
            joined = np.concatenate([self._tail, sound], axis=1)
            self._highest = max(self._highest, true_peak_db(joined))
            self._tail = joined[:, -2 * HOP_SAMPLES :]
