"""What a finished clip's files must be, looked at by other people's readers."""

import io
import json
from typing import Any

import av
import httpx
import mido
import pytest
from PIL import Image

FILES = {"audio", "image", "image_large", "video", "plan", "score", "midi", "timed_lyrics", "lrc", "waveform"}
TYPES = {"audio": "audio/mpeg", "image": "image/jpeg", "image_large": "image/jpeg", "video": "video/mp4"}


def assert_clip_is_whole(clip: dict[str, Any], words: str) -> None:
    """Every link of the clip leads to the file it promises, and all of them tell of the same song."""
    assert (clip["status"], clip["state"], clip["is_video_pending"]) == ("complete", "succeeded", False)
    assert clip["metadata"]["duration"] == clip["duration"]
    for link in ("audio_url", "video_url", "image_url", "image_large_url"):
        assert clip[link] == clip["files"][link.removesuffix("_url")]
    assert clip["files"].keys() == FILES
    content = {name: _downloaded(link, TYPES.get(name)) for name, link in clip["files"].items()}
    _assert_mp3(content["audio"], clip)
    _assert_film(content["video"], clip["duration"])
    sizes = [Image.open(io.BytesIO(content[name])).size for name in ("image", "image_large")]
    assert sizes[0][0] < sizes[1][0]
    midi = mido.MidiFile(file=io.BytesIO(content["midi"]))
    assert 0 < midi.length <= clip["duration"] + 1
    timed = json.loads(content["timed_lyrics"])
    assert words in json.dumps(timed, ensure_ascii=False)
    assert words in content["lrc"].decode()
    assert len(json.loads(content["waveform"])) == pytest.approx(10 * clip["duration"], abs=1)
    assert json.loads(content["score"])
    assert json.loads(content["plan"])


def assert_link_serves_parts(link: str) -> None:
    """HEAD, Range and ETag as players and caches use them."""
    with httpx.Client(trust_env=False) as client:
        head = client.head(link)
        size = int(head.headers["content-length"])
        whole = client.get(link)
        assert (head.status_code, head.content, len(whole.content)) == (200, b"", size)
        part = client.get(link, headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, whole.content[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{size}"
        tail = client.get(link, headers={"Range": "bytes=-128"})
        assert tail.content == whole.content[-128:]
        assert client.get(link, headers={"Range": f"bytes={size}-"}).status_code == 416
        same = client.get(link, headers={"If-None-Match": whole.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert client.get(link.replace("sig=", "sig=0")).status_code == 403


def _downloaded(link: str, media_type: str | None) -> bytes:
    reply = httpx.get(link, trust_env=False)
    assert reply.status_code == 200, link
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert media_type in {None, reply.headers["content-type"]}
    return reply.content


def _assert_mp3(mp3: bytes, clip: dict[str, Any]) -> None:
    with av.open(io.BytesIO(mp3), format="mp3") as container:
        stream = container.streams.audio[0]
        assert (stream.sample_rate, stream.channels, stream.bit_rate) == (44_100, 2, 192_000)
        samples = sum(frame.samples for frame in container.decode(stream))
        assert container.metadata["title"] == clip["title"]
        assert container.metadata.get("genre", "") == clip["tags"]
    assert abs(samples / 44_100 - clip["duration"]) < 0.2
    assert {"TIT2", "USLT", "SYLT", "APIC"} <= _id3_frames(mp3).keys()
    assert clip["prompt"].encode() in _id3_frames(mp3)["USLT"]
    assert b"\xff\xd8\xff" in _id3_frames(mp3)["APIC"]


def _id3_frames(mp3: bytes) -> dict[str, bytes]:
    """The frames of an ID3v2.4 tag (id3.org): name, four bytes of seven bits each for the size, flags, content."""
    assert mp3[:4] == b"ID3\x04"
    end = 10 + _size(mp3[6:10])
    frames, at = {}, 10
    while at < end:
        size = _size(mp3[at + 4 : at + 8])
        frames[mp3[at : at + 4].decode()] = mp3[at + 10 : at + 10 + size]
        at += 10 + size
    return frames


def _size(four: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))


def _assert_film(mp4: bytes, duration_s: float) -> None:
    with av.open(io.BytesIO(mp4), format="mp4") as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (1, 1)
        assert abs(container.duration / av.time_base - duration_s) < 1
        assert next(container.decode(video=0)).width > 0
