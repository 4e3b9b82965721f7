"""MP3 at 192 kbit/s, and back again to see what a listener's decoder makes of it."""

from io import BytesIO

import av
import lameenc
import numpy as np

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

BIT_RATE_KBPS = 192

# LAME's scale: 2 is the best that is still quick, 7 the fastest.
_QUALITY = 2
_CHUNK_SAMPLES = 1 << 18

# LAME scales its input by 0.97, measured as -0.265 dB at all frequencies.
_FULL_SCALE = 32767 / 0.97


def encode_mp3(audio: Audio) -> bytes:
    """Stereo audio of shape (2, samples) as a constant-rate MP3 without tags; what exceeds -0.97..0.97 is clipped."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(BIT_RATE_KBPS)
    encoder.set_in_sample_rate(SAMPLE_RATE_HZ)
    encoder.set_channels(2)
    encoder.set_quality(_QUALITY)
    encoded = bytearray()
    for start in range(0, audio.shape[1], _CHUNK_SAMPLES):
        chunk = np.clip(audio[:, start : start + _CHUNK_SAMPLES].T * _FULL_SCALE, -32767, 32767)
        encoded += encoder.encode(np.rint(chunk).astype("<i2").tobytes())
    encoded += encoder.flush()
    return bytes(encoded)


# What the encoder puts before the sound, measured with a click; a continuation would come in that much off the beat.
_DELAY_SAMPLES = 1105


def decode_mp3(content: bytes) -> Audio:
    """The samples of an MP3 of ours: float32, shape (2, samples); some exceed 1 where the sound was near it.

    They begin where the encoded sound began; up to two frames of silence may follow it.
    """
    with av.open(BytesIO(content), mode="r", format="mp3") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(frames, axis=1, dtype=np.float32)[:, _DELAY_SAMPLES:]
