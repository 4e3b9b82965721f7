"""Files that strangers send."""

import io
import struct

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutti.engines.song.hearing import decode_sound
from tutti.engines.song.model import SAMPLE_RATE_HZ
from tutti.errors import InvalidRequestError

# File name -> (container, codec, sample format).
FORMS = {
    "song.mp3": ("mp3", "libmp3lame", "fltp"),
    "song.wav": ("wav", "pcm_s16le", "s16"),
    "song.m4a": ("ipod", "aac", "fltp"),
    "song.aac": ("adts", "aac", "fltp"),
    "song.flac": ("flac", "flac", "s16"),
    "song.ogg": ("ogg", "vorbis", "fltp"),
    "song.opus": ("ogg", "libopus", "flt"),
}
# Samples to a frame, where the encoder wants so many.
_FRAMES = {"aac": 1024, "vorbis": 64, "libopus": 960}


def encoded(name: str, seconds: float = 1.5, *, rate: int = 48_000, layout: str = "stereo") -> bytes:
    container_name, codec, form = FORMS[name]
    file = io.BytesIO()
    with av.open(file, "w", format=container_name) as container:
        # The encoder of Vorbis that ships with PyAV calls itself experimental.
        stream = container.add_stream(codec, rate=rate, layout=layout, options={"strict": "-2"})
        stream.codec_context.format = form
        tone = 0.5 * np.sin(2 * np.pi * 441 * np.arange(int(seconds * rate)) / rate)
        sides = np.repeat(tone[None], 2 if layout == "stereo" else 1, axis=0).astype(np.float32)
        whole = av.AudioFrame.from_ndarray(sides, format="fltp", layout=layout)
        whole.sample_rate = rate
        resampler = av.AudioResampler(format=form, layout=layout, rate=rate, frame_size=_FRAMES.get(codec, 1152))
        for frame in (*resampler.resample(whole), *resampler.resample(None)):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_decoded_to_the_same_sound(name, tmp_path):
    (tmp_path / name).write_bytes(encoded(name))
    sound = decode_sound(tmp_path / name)
    assert sound.dtype == np.float32
    assert sound.shape[1] / SAMPLE_RATE_HZ == pytest.approx(1.5, abs=0.1)
    middle = sound[:, 20_000:52_768]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.354, abs=0.02)
    assert np.argmax(np.abs(np.fft.rfft(middle[0]))) * SAMPLE_RATE_HZ / 32_768 == pytest.approx(441, abs=2)


def test_mono_is_heard_from_both_sides(tmp_path):
    (tmp_path / "x").write_bytes(encoded("song.wav", layout="mono", rate=22_050))
    left, right = decode_sound(tmp_path / "x")
    assert np.array_equal(left, right)
    assert np.abs(left).max() > 0.3


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not mp3"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "is not mp3"),
        (b"%PDF-1.4 ....", "is not mp3"),
        (b"ID3" + bytes(4000), "decoded|sound|lasts"),
        (b"fLaC" + bytes(4000), "decoded|sound|lasts"),
        (b"OggS" + bytes(4000), "decoded|sound|lasts"),
        (struct.pack(">I", 24) + b"ftypM4A " + bytes(4000), "decoded|sound|lasts"),
        (b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(30), "decoded|sound|lasts"),
    ],
)
def test_what_is_no_sound_is_refused(content, why, tmp_path):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InvalidRequestError, match=why):
        decode_sound(tmp_path / "x")


@pytest.mark.parametrize(("seconds", "why"), [(0.5, "lasts 0.50 s"), (601.0, "more than 600 s")])
def test_too_short_and_too_long_are_named(seconds, why, tmp_path):
    samples = int(seconds * 8000)
    head = b"RIFF" + struct.pack("<I", 36 + samples) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    (tmp_path / "x").write_bytes(head + b"data" + struct.pack("<I", samples) + b"\x80" * samples)
    with pytest.raises(InvalidRequestError, match=why):
        decode_sound(tmp_path / "x")


@pytest.mark.parametrize(("rate", "channels", "why"), [(1_000_000, 1, "samples a second"), (8000, 60, "channels")])
def test_absurd_headers_are_refused(rate, channels, why, tmp_path):
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels, channels, 8)
    head = b"RIFF" + struct.pack("<I", 48_036) + b"WAVEfmt " + form
    (tmp_path / "x").write_bytes(head + b"data" + struct.pack("<I", 48_000) + b"\x80" * 48_000)
    with pytest.raises(InvalidRequestError, match=why):
        decode_sound(tmp_path / "x")


WHOLE = {name: encoded(name, 1.2) for name in ("song.mp3", "song.wav", "song.m4a", "song.flac", "song.ogg")}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_breaks_the_decoder(data, tmp_path_factory):
    content = bytearray(WHOLE[data.draw(st.sampled_from(sorted(WHOLE)))])
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "x"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        sound = decode_sound(path)
    except InvalidRequestError:
        return
    assert np.isfinite(sound).all()
