"""MP3 at 192 kbit/s, and back again to see what a listener's decoder makes of it; at once or as it grows."""

from collections.abc import Iterable
from io import BytesIO

import av
import lameenc
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

BIT_RATE_KBPS = 192

# LAME's scale: 2 takes twice as long as 3, and up to 5 peaks grow by half a decibel more; 7 does not shape its noise.
_QUALITY = 3
_CHUNK_SAMPLES = 1 << 17

# LAME scales its input by 0.97, measured as -0.265 dB at all frequencies.
_FULL_SCALE = 32767 / 0.97


class Mp3Encoder:
    """A constant-rate stereo MP3 without tags, made as its sound comes."""

    def __init__(self) -> None:
        self._lame = lameenc.Encoder()
        self._lame.silence()
        self._lame.set_bit_rate(BIT_RATE_KBPS)
        self._lame.set_in_sample_rate(SAMPLE_RATE_HZ)
        self._lame.set_channels(2)
        self._lame.set_quality(_QUALITY)

    def encode(self, block: Audio) -> bytes:
        """What can be said after a further block of shape (2, samples); what exceeds -0.97..0.97 is clipped."""
        levels = np.clip(block.T * np.float32(_FULL_SCALE), -32767, 32767)
        return bytes(self._lame.encode(np.rint(levels).astype("<i2").tobytes()))

    def finish(self) -> bytes:
        """The last bytes; nothing may follow."""
        return bytes(self._lame.flush())


def encode_mp3(audio: Audio) -> bytes:
    """Stereo audio of shape (2, samples) as a whole MP3."""
    encoder = Mp3Encoder()
    starts = range(0, audio.shape[1], _CHUNK_SAMPLES)
    pieces = [encoder.encode(audio[:, start : start + _CHUNK_SAMPLES]) for start in starts]
    return b"".join([*pieces, encoder.finish()])


# What the encoder puts before the sound, measured with a click; a continuation would come in that much off the beat.
_DELAY_SAMPLES = 1105


def decode_mp3(content: bytes) -> Audio:
    """The samples of an MP3 of ours: float32, shape (2, samples); some exceed 1 where the sound was near it.

    They begin where the encoded sound began; up to two frames of silence may follow it.
    """
    with av.open(BytesIO(content), mode="r", format="mp3") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(frames, axis=1, dtype=np.float32)[:, _DELAY_SAMPLES:]


class Mp3Decoder:
    """The sound of an MP3 that grows, the encoder's delay before it included."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("mp3float", "r")
        assert isinstance(codec, AudioCodecContext)
        self._codec = codec

    def decode(self, piece: bytes) -> Audio:
        """What can be heard after a further piece: float32, shape (2, samples), perhaps none."""
        return _joined(frame for packet in self._codec.parse(piece) for frame in self._codec.decode(packet))

    def finish(self) -> Audio:
        """What was still held back; nothing may follow."""
        held = [frame for packet in self._codec.parse(None) for frame in self._codec.decode(packet)]
        return _joined([*held, *self._codec.decode(None)])


def _joined(frames: Iterable[AudioFrame]) -> Audio:
    return np.concatenate([np.zeros((2, 0), np.float32), *(frame.to_ndarray() for frame in frames)], axis=1)
