import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tutti.kit.picture_size import picture_size

HEADS = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF\x00\x00\x00\x00WEBPVP8L", b"RIFF0000WEBPVP8X"]


@pytest.mark.parametrize(
    "options",
    [
        {"format": "PNG"},
        {"format": "JPEG"},
        {"format": "JPEG", "progressive": True, "exif": b"Exif\x00\x00" + bytes(500)},
        {"format": "GIF"},
        {"format": "BMP"},
        {"format": "WEBP"},
        {"format": "WEBP", "lossless": True},
        {"format": "WEBP", "exif": b"Exif\x00\x00" + bytes(20)},
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [(1, 1), (300, 17), (259, 1024)])
def test_size_is_that_of_the_picture(options: dict[str, object], size: tuple[int, int]) -> None:
    output = io.BytesIO()
    Image.new("RGB", size, "red").save(output, **options)
    assert picture_size(output.getvalue()) == size


@given(st.sampled_from(HEADS), st.binary(max_size=80))
def test_no_header_breaks_the_reader(head: bytes, rest: bytes) -> None:
    size = picture_size(head + rest)
    assert size is None or min(size) >= 0


def test_other_files_have_no_size() -> None:
    assert picture_size(b"") is None
    assert picture_size(b"RIFF0000WAVEfmt " + bytes(100)) is None
    assert picture_size(b"%PDF") is None
