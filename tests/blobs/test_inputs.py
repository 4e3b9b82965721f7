import asyncio
import base64
import io
import struct
import zipfile

import pytest

from tutti.blobs.inputs import GivenFile, InputDoor, InputLimits
from tutti.errors import BodyTooLargeError, InvalidRequestError, UnsafeAddressError

pytestmark = pytest.mark.anyio

LIMITS = InputLimits(max_bytes=2000, max_pixels=10_000, max_unpacked_bytes=5000, max_members=3, fetch_timeout_s=0.05)
SOUND = b"ID3" + bytes(range(256))
IN_BASE64 = base64.b64encode(SOUND).decode()


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + bytes(20)


def archive(*sizes: int) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as made:
        for number, size in enumerate(sizes):
            made.writestr(str(number), bytes(size))
    return output.getvalue()


async def fetch(url: str, max_bytes: int) -> bytes:
    if "slow" in url:
        await asyncio.Event().wait()
    if "inside" in url:
        raise UnsafeAddressError("that is inside")
    assert max_bytes == LIMITS.max_bytes
    return SOUND


async def take(given: str | bytes, *accept: str) -> GivenFile:
    return await InputDoor(fetch, LIMITS).take(given, accept=accept or ("audio/",), field="file")


@pytest.mark.parametrize(
    "given",
    [
        SOUND,
        IN_BASE64,
        IN_BASE64.rstrip("="),
        "\n".join(IN_BASE64[at : at + 76] for at in range(0, len(IN_BASE64), 76)),
        base64.urlsafe_b64encode(SOUND).decode(),
        f"data:audio/mpeg;base64,{IN_BASE64}",
        f"data:text/html;charset=x;base64,{IN_BASE64}",
        "data:,ID3" + "".join(f"%{byte:02x}" for byte in range(256)),
        "https://example.com/a.mp3",
        " HTTP://example.com/a.mp3",
    ],
    ids=lambda given: str(given)[:20],
)
async def test_every_form_gives_the_file(given: str | bytes) -> None:
    assert await take(given) == GivenFile(content=SOUND, media_type="audio/mpeg")


@pytest.mark.parametrize(
    ("given", "accept", "error", "words"),
    [
        (SOUND, ("image/png", "video/"), InvalidRequestError, "is audio/mpeg; taken are image/png, video/"),
        (b"<html>", ("audio/",), InvalidRequestError, "is text/plain"),
        (b"", ("audio/",), InvalidRequestError, "octet-stream"),
        ("", ("audio/",), InvalidRequestError, "octet-stream"),
        ("!!not base64!!", ("audio/",), InvalidRequestError, "neither an address"),
        ("data:audio/mpeg;base64,@@@@", ("audio/",), InvalidRequestError, "neither an address"),
        (SOUND + bytes(2000), ("audio/",), BodyTooLargeError, "larger than the 2000 bytes"),
        ("A" * 3000, ("audio/",), BodyTooLargeError, "larger than the 2000 bytes"),
        ("data:,ID3" + "a" * 6100, ("audio/",), BodyTooLargeError, "larger than the 2000 bytes"),
        (png(101, 100), ("image/",), InvalidRequestError, "101 x 100 pixels; up to 10000"),
        (png(0, 100), ("image/",), InvalidRequestError, "does not say how large"),
        (b"\xff\xd8\xff\xe0", ("image/",), InvalidRequestError, "does not say how large"),
        (archive(5001), ("application/zip",), InvalidRequestError, "unpacks to 5001 bytes"),
        (archive(1, 1, 1, 1), ("application/zip",), InvalidRequestError, "4 files"),
        (archive(9)[:40], ("application/zip",), InvalidRequestError, "cannot be read"),
        ("https://example.com/slow", ("audio/",), InvalidRequestError, "did not answer in time"),
        ("https://example.com/inside", ("audio/",), UnsafeAddressError, "`file`: that is inside"),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_what_does_not_pass_is_named(
    given: str | bytes, accept: tuple[str, ...], error: type[InvalidRequestError], words: str
) -> None:
    with pytest.raises(error) as caught:
        await take(given, *accept)
    assert type(caught.value) is error
    assert words in caught.value.message
    assert caught.value.field == "file"


async def test_file_at_the_limits_passes() -> None:
    assert (await take(png(100, 100), "image/png")).media_type == "image/png"
    assert (await take(archive(2000, 2000, 1000), "application/zip")).media_type == "application/zip"
    content = SOUND + bytes(2000 - len(SOUND))
    assert (await take(base64.b64encode(content).decode())).content == content
