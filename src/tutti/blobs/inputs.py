"""The one door for files that callers give: base64, data URIs, multipart bytes and addresses all come in here.

What passes is small enough, is of a type that was asked for by its own bytes, and will not explode when an engine opens
it: the pixels of a picture and the unpacked size of an archive are read from headers. Nothing is decoded here.
"""

import asyncio
import base64
import binascii
import io
import re
import zipfile
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from tutti.errors import BodyTooLargeError, InvalidRequestError
from tutti.kit import media_types
from tutti.kit.picture_size import picture_size
from tutti.kit.sniff import HEAD_BYTES, media_type

# `OutsideClient.fetch`: the content at an address, at most so many bytes of it.
Fetch = Callable[[str, int], Awaitable[bytes]]

_DATA_URI = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_SPACE = str.maketrans("", "", " \t\r\n")
# Base64 of the address-safe kind is common in data URIs of browsers and phones.
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, kw_only=True, slots=True)
class InputLimits:
    """How much of a file is taken."""

    # Of the file itself, not of its base64.
    max_bytes: int = 32 * 1024 * 1024
    # Width times height; decoded, a pixel takes three or four bytes.
    max_pixels: int = 50_000_000
    # Of an archive (office documents are archives): all members unpacked, and their count.
    max_unpacked_bytes: int = 256 * 1024 * 1024
    max_members: int = 10_000
    # For fetching an address, from the first look-up to the last byte.
    fetch_timeout_s: float = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenFile:
    """A file that passed the door."""

    content: bytes
    # By its own bytes, whatever the caller called it; office documents by what their archive holds.
    media_type: str


class InputDoor:
    """Takes files in."""

    def __init__(self, fetch: Fetch, limits: InputLimits | None = None) -> None:
        self._fetch = fetch
        self._limits = limits or InputLimits()

    async def take(self, given: str | bytes, *, accept: Collection[str], field: str) -> GivenFile:
        """The file that a caller gave in a request's `field`: bytes as they are, or a text that stands for them.

        `accept` holds whole media types ("image/png") or their first halves ("audio/"). Raises `InvalidRequestError`
        and its kinds, all of which name the field.
        """
        content = given if isinstance(given, bytes) else await self._resolve(given.strip(), field)
        self._require_size(len(content), field)
        kind = media_type(content[:HEAD_BYTES])
        if not any(kind == each or (each.endswith("/") and kind.startswith(each)) for each in accept):
            wanted = ", ".join(sorted(accept))
            raise InvalidRequestError(f"The file in `{field}` is {kind}; taken are {wanted}.", field=field)
        if kind.startswith("image/"):
            self._require_pixels(content, field)
        if kind == "application/zip":
            kind = await asyncio.to_thread(self._kind_of_archive, content, field)
        return GivenFile(content=content, media_type=kind)

    async def _resolve(self, text: str, field: str) -> bytes:
        if text[:8].lower().startswith(("http://", "https://")):
            return await self._fetched(text, field)
        match = _DATA_URI.match(text)
        if match is None:
            return await self._from_base64(text, field)
        if ";base64" in match[2].lower():
            return await self._from_base64(text[match.end() :], field)
        # Percent-encoded: three letters at most for a byte, so this bounds what is unquoted.
        self._require_size((len(text) - match.end()) // 3, field)
        return unquote_to_bytes(text[match.end() :])

    async def _fetched(self, url: str, field: str) -> bytes:
        try:
            async with asyncio.timeout(self._limits.fetch_timeout_s):
                return await self._fetch(url, self._limits.max_bytes)
        except TimeoutError as error:
            raise InvalidRequestError(f"The address in `{field}` did not answer in time.", field=field) from error
        except InvalidRequestError as error:
            raise type(error)(f"`{field}`: {error.message}", field=field) from error

    async def _from_base64(self, text: str, field: str) -> bytes:
        self._require_size(len(text) * 3 // 4 - 2, field)
        try:
            return await asyncio.to_thread(_decode, text)
        except (binascii.Error, ValueError) as error:
            message = f"`{field}` is neither an address, a data URI nor base64."
            raise InvalidRequestError(message, field=field) from error

    def _require_size(self, size: int, field: str) -> None:
        if size > self._limits.max_bytes:
            message = f"The file in `{field}` is larger than the {self._limits.max_bytes} bytes that are taken."
            raise BodyTooLargeError(message, field=field)

    def _require_pixels(self, content: bytes, field: str) -> None:
        size = picture_size(content)
        if size is None or 0 in size:
            raise InvalidRequestError(f"The picture in `{field}` does not say how large it is.", field=field)
        width, height = size
        if width * height > self._limits.max_pixels:
            raise InvalidRequestError(
                f"The picture in `{field}` has {width} x {height} pixels; up to {self._limits.max_pixels} are taken.",
                field=field,
            )

    def _kind_of_archive(self, content: bytes, field: str) -> str:
        """The media type of an archive that unpacks to no more than is taken."""
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise InvalidRequestError(f"The archive in `{field}` cannot be read.", field=field) from error
        unpacked = sum(member.file_size for member in members)
        if len(members) > self._limits.max_members or unpacked > self._limits.max_unpacked_bytes:
            raise InvalidRequestError(
                f"The archive in `{field}` unpacks to {unpacked} bytes in {len(members)} files, which is too much.",
                field=field,
            )
        return media_types.of_archive(member.filename for member in members)


def _decode(text: str) -> bytes:
    letters = text.translate(_SPACE).translate(_URL_SAFE).rstrip("=")
    return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
