import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.sniff import HEAD_BYTES, media_type


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00what", "application/octet-stream"),
        (b"\x00\x00\x00\x1cftypisom", "video/mp4"),
        (b"\x00\x00\x00\x1cftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x1cftypheic", "image/heic"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "application/octet-stream"),
        (b"fLaC", "audio/flac"),
        (b"OggS", "audio/ogg"),
        (b"MThd", "audio/midi"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b'  {"a"', "application/json"),
        (b"<svg onload=alert(1)>", "text/plain"),
        (b"<!doctype html>", "text/plain"),
        ("夜曲".encode(), "text/plain"),
        ("夜曲".encode()[:-1], "text/plain"),
        ("夜曲".encode()[:-2] + b"xxxx", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"text\x00", "application/octet-stream"),
    ],
)
def test_type_is_known_by_the_first_bytes(head: bytes, expected: str) -> None:
    assert media_type(head) == expected


@given(st.text(alphabet=st.characters(min_codepoint=0xA0, exclude_categories=["Cs"]), min_size=1))
def test_text_cut_anywhere_stays_text(text: str) -> None:
    content = text.encode() * HEAD_BYTES
    assert media_type(content[:HEAD_BYTES]) == "text/plain"


@given(st.binary())
def test_any_bytes_have_a_type(content: bytes) -> None:
    assert "/" in media_type(content)
