import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.multipart import (
    MultipartError,
    MultipartReader,
    PartBegan,
    PartData,
    PartEnded,
    boundary_of,
)

FORM = (
    b"--edge\r\n"
    b'Content-Disposition: form-data; name="key"\r\n\r\n'
    b"uploads/1\r\n"
    b"--edge\r\n"
    b'Content-Disposition: form-data; name="file"; filename="my \\"riff\\".mp3"\r\n'
    b"Content-Type: audio/mpeg\r\n\r\n"
    b"ID3\r\n--edg\r\n-\r\n--edge--\r\n"
)
WHOLE = [
    (PartBegan("key", None), b"uploads/1"),
    (PartBegan("file", 'my "riff".mp3'), b"ID3\r\n--edg\r\n-"),
]


def read(body: bytes, cuts: list[int]) -> tuple[list[tuple[PartBegan, bytes]], bool]:
    """The parts of a body that comes cut at these places, and whether it was whole."""
    reader = MultipartReader(b"edge")
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    parts: list[tuple[PartBegan, bytes]] = []
    ended = 0
    for start, end in itertools.pairwise(places):
        for event in reader.feed(body[start:end]):
            match event:
                case PartBegan():
                    parts.append((event, b""))
                case PartData(content):
                    parts[-1] = (parts[-1][0], parts[-1][1] + content)
                case PartEnded():
                    ended += 1
    return parts, reader.is_done and ended == len(parts)


@given(st.lists(st.integers(0, 1000), max_size=8))
def test_chunk_borders_do_not_change_a_form(cuts):
    assert read(FORM, cuts) == (WHOLE, True)


def test_every_byte_alone_makes_the_same_form():
    assert read(FORM, list(range(len(FORM)))) == (WHOLE, True)


@pytest.mark.parametrize("length", range(0, len(FORM) - 4, 7))
def test_form_that_is_cut_short_is_not_done(length):
    assert not read(FORM[:length], [])[1]


def test_what_stands_behind_is_ignored():
    assert read(FORM + b"goodbye\r\n--edge\r\n", []) == (WHOLE, True)


def test_empty_field_is_empty():
    body = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--edge--'
    assert read(body, []) == ([(PartBegan("a", None), b"")], True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"--edge\r\nContent-Type: text/plain\r\n\r\nx", "no name"),
        (b"--edge oops\r\n", "end of boundary"),
        (b"--edge\r\n" + b"x" * 9000, "header size"),
        (b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 200, "more than 100 fields"),
    ],
)
def test_what_is_no_form_is_refused(body, reason):
    with pytest.raises(MultipartError, match=reason):
        read(body, [])


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=edge", b"edge"),
        ('Multipart/Form-Data; charset=utf-8; boundary="a b"', b"a b"),
    ],
)
def test_boundary_is_read_from_the_content_type(content_type, boundary):
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/mixed; boundary=x", "multipart/form-data"])
def test_content_type_without_a_boundary_is_refused(content_type):
    with pytest.raises(MultipartError):
        boundary_of(content_type)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_no_body_breaks_the_reader(tail, cuts):
    for body in (tail, b"--edge" + tail, FORM[:60] + tail):
        with contextlib.suppress(MultipartError):
            read(body, cuts)
