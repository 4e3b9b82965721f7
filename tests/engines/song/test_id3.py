import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.song.sample import MANDARIN, make_plan, make_score
from tutti.engines.song.id3 import Tags, tag_mp3, to_id3
from tutti.engines.song.timed import time_lines


def _size(raw: bytes) -> int:
    assert all(byte < 128 for byte in raw)
    return raw[0] << 21 | raw[1] << 14 | raw[2] << 7 | raw[3]


def _frames(tag: bytes) -> dict[str, bytes]:
    """A reader written from the format, apart from the writer."""
    assert tag[:6] == b"ID3\x04\x00\x00"
    assert _size(tag[6:10]) == len(tag) - 10
    frames, at = {}, 10
    while at < len(tag):
        size = _size(tag[at + 4 : at + 8])
        assert tag[at + 8 : at + 10] == b"\0\0"
        frames[tag[at : at + 4].decode()] = tag[at + 10 : at + 10 + size]
        at += 10 + size
    return frames


def test_all_frames_are_written():
    lines = time_lines(make_score(make_plan(bars=10), lines=MANDARIN))
    tags = Tags(
        title="城市灯光", artist="Tutti", genre="pop", bpm=103.6, key="Am", lyrics="[Verse]\n城市", lines=lines,
        language="zho", cover_jpeg=b"\xff\xd8jpeg" * 50,
    )  # fmt: skip
    frames = _frames(to_id3(tags))
    assert frames["TIT2"] == b"\x03" + "城市灯光".encode()
    assert frames["TPE1"] == b"\x03Tutti"
    assert frames["TCON"] == b"\x03pop"
    assert frames["TBPM"] == b"\x03104"
    assert frames["TKEY"] == b"\x03Am"
    assert frames["USLT"] == b"\x03zho\0" + "[Verse]\n城市".encode()
    assert frames["APIC"] == b"\x03image/jpeg\0\x03\0" + tags.cover_jpeg
    assert frames["SYLT"].startswith(b"\x03zho\x02\x01\0" + "城".encode() + b"\0")
    start_ms = round(lines[0].start_s * 1000)
    head = len(b"\x03zho\x02\x01\0" + "城".encode() + b"\0")
    assert frames["SYLT"][head : head + 4] == start_ms.to_bytes(4, "big")


def test_empty_fields_leave_no_frame():
    assert set(_frames(to_id3(Tags(title="A")))) == {"TIT2", "TSSE"}


@given(title=st.text(st.characters(codec=None), max_size=200))
def test_any_title_makes_a_whole_tag(title):
    frame = _frames(to_id3(Tags(title=title or "x")))["TIT2"]
    assert b"\0" not in frame
    frame[1:].decode("utf-8")


def test_the_sound_follows_the_tag():
    assert tag_mp3(b"\xff\xfbsound", Tags(title="A")).endswith(b"TSSE\0\0\0\x06\0\0\x03Tutti\xff\xfbsound")


def test_a_tag_too_large_is_refused():
    with pytest.raises(ValueError, match="256 MiB"):
        to_id3(Tags(title="A", cover_jpeg=bytes(1 << 28)))
