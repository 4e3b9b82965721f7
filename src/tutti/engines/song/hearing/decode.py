"""Opens sound that a stranger brought: known containers and codecs only, within a length, never trusting a header.

The container is chosen by the file's first bytes and forced upon the demuxer, so a file cannot pick a playlist or a
network protocol; the bytes come from our own file object, so nothing else on the disk is read.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.errors import InvalidRequestError
from tutti.kit.sniff import HEAD_BYTES, media_type

LONGEST_S = 600.0
SHORTEST_S = 1.0

# Media type -> the demuxer to use.
_DEMUXERS = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "mov",
    "video/mp4": "mov",
}
_CODECS = frozenset({"mp3", "mp3float", "aac", "alac", "flac", "vorbis", "libvorbis", "opus", "libopus"})
_PCM = "pcm_"
_WANTED = "mp3, wav, m4a, aac, flac or ogg"

_RATES_HZ = (4_000, 192_000)
_MOST_CHANNELS = 8
# Damaged packets are passed over, but a file that is nothing else is given up after so many without a sound.
_MOST_EMPTY_PACKETS = 2_000
_ADTS = (b"\xff\xf1", b"\xff\xf9")


def decode_sound(path: Path) -> Audio:
    """The sound of a file: float32, shape (2, samples), at 44,100 Hz; mono is heard from both sides.

    Raises `InvalidRequestError` for anything but sound of `SHORTEST_S` to `LONGEST_S` in one of the known forms.
    """
    with path.open("rb") as file:
        demuxer = _demuxer(file.read(HEAD_BYTES))
        file.seek(0)
        try:
            with av.open(file, mode="r", format=demuxer, metadata_errors="ignore") as container:
                return _decoded(container)
        except (av.FFmpegError, ValueError, MemoryError, OverflowError) as error:
            raise _refused("cannot be decoded: it is damaged") from error


def _demuxer(head: bytes) -> str:
    if head[:2] in _ADTS:
        return "aac"
    name = _DEMUXERS.get(media_type(head))
    if name is None:
        raise _refused(f"is not {_WANTED}")
    return name


def _decoded(container: InputContainer) -> Audio:
    if not container.streams.audio:
        raise _refused("holds no sound")
    stream = container.streams.audio[0]
    _check(stream)
    # Memory that is not written to is not taken, so a short sound costs no more than its own length.
    sound = np.empty((2, int((LONGEST_S + 1) * SAMPLE_RATE_HZ)), np.float32)
    done = 0
    for block in _blocks(container, stream):
        if done + block.shape[1] > LONGEST_S * SAMPLE_RATE_HZ:
            raise _refused(f"lasts more than {LONGEST_S:.0f} s")
        sound[:, done : done + block.shape[1]] = block
        done += block.shape[1]
    if done < SHORTEST_S * SAMPLE_RATE_HZ:
        raise _refused(f"lasts {done / SAMPLE_RATE_HZ:.2f} s; at least {SHORTEST_S:.0f} s are needed")
    # Float files may hold anything.
    return np.clip(np.nan_to_num(sound[:, :done], copy=False, posinf=1.0, neginf=-1.0), -8.0, 8.0)


def _check(stream: AudioStream) -> None:
    context = stream.codec_context
    name = context.name
    if name not in _CODECS and not name.startswith(_PCM):
        raise _refused(f"is coded as {name[:40]}; send {_WANTED}")
    if not _RATES_HZ[0] <= context.sample_rate <= _RATES_HZ[1]:
        raise _refused(f"has {context.sample_rate} samples a second")
    if not 1 <= context.channels <= _MOST_CHANNELS:
        raise _refused(f"has {context.channels} channels")
    # One thread: engines share the machine by whole steps, not by threads.
    context.thread_count = 1


def _blocks(container: InputContainer, stream: AudioStream) -> Iterator[Audio]:
    """The sound in blocks of shape (2, samples) at our rate."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE_HZ)
    for frame in _frames(container, stream):
        # A stream that jumps in time is played on as if it did not.
        frame.pts = None
        for block in resampler.resample(frame):
            yield np.asarray(block.to_ndarray(), np.float32)
    for block in resampler.resample(None):
        yield np.asarray(block.to_ndarray(), np.float32)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    empty = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            frames = []
        empty = 0 if frames else empty + 1
        if empty > _MOST_EMPTY_PACKETS:
            raise _refused("cannot be decoded: it is damaged")
        for frame in frames:
            if isinstance(frame, AudioFrame):
                yield frame


def _refused(why: str) -> InvalidRequestError:
    return InvalidRequestError(f"The sound {why}.", field="file")
