"""Stored files over HTTP: GET and HEAD of /files/<key> with a signed link, by range, with conditions, in chunks.

A file may come from a stranger's address or an engine, so it is never run as a page: the type is read from its bytes,
browsers must not guess another, everything but sound, picture and film is saved and not shown, and a sandbox holds what
is shown.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qs, quote

import msgspec

from tutti.blobs.growing import GrowingFile, GrowingFiles
from tutti.blobs.links import PREFIX, FileLinks
from tutti.blobs.store import BlobInfo, BlobStore
from tutti.errors import NotFoundError
from tutti.kit.asgi import ClientGoneError, Receive, Scope, Send, header, send_bytes, while_connected
from tutti.kit.byte_range import RangeNotSatisfiableError, parse_range
from tutti.kit.sniff import HEAD_BYTES, media_type

_SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; img-src 'self'; media-src 'self'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"access-control-allow-origin", b"*"),
    (b"referrer-policy", b"no-referrer"),
)
# Sniffed types are remembered for this many files; a fetch of a task asks for the same few again and again.
_REMEMBERED = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ask:
    """One request that may be answered."""

    info: BlobInfo
    type: str
    filename: str
    is_head: bool
    range: str | None


class FileServer:
    """The ASGI application behind `/files/`."""

    def __init__(self, store: BlobStore, links: FileLinks, growing: GrowingFiles | None = None) -> None:
        """Serve what is stored, and what is still being written for as long as it is."""
        self._store = store
        self._links = links
        self._growing = growing or GrowingFiles()
        # Key and ETag -> type.
        self._types: dict[tuple[str, str], str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"}:
            await _refuse(send, 405, "method_not_allowed", "Files are read with GET or HEAD.", (b"allow", b"GET, HEAD"))
            return
        key = scope["path"].removeprefix(PREFIX)
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        expires, signature, name = (query.get(word, [""])[0] for word in ("exp", "sig", "name"))
        if not self._links.is_valid(key, expires=expires, signature=signature, filename=name):
            await _refuse(send, 403, "link_refused", "The link is not valid or has expired: ask for the task again.")
            return
        # Looked for first: a file is stored before it stops growing.
        if growing := self._growing.find(key):
            await _send_growing(scope, receive, send, growing, name or key.rpartition("/")[2])
            return
        info = await self._store.head(key)
        if info is None:
            await _refuse(send, 404, "not_found", "The file is gone: results are kept for a limited time.")
            return
        await self._answer(scope, receive, send, info, name or key.rpartition("/")[2])

    async def _answer(self, scope: Scope, receive: Receive, send: Send, info: BlobInfo, filename: str) -> None:
        if _names(header(scope, b"if-none-match"), info.etag):
            await send({"type": "http.response.start", "status": 304, "headers": _caching(info)})
            await send({"type": "http.response.body"})
            return
        condition = header(scope, b"if-range")
        # A reader who continues another version of the file gets the whole of this one.
        wanted = header(scope, b"range") if condition in {None, info.etag} else None
        is_head = scope["method"] == "HEAD"
        ask = _Ask(info=info, type=await self._type(info), filename=filename, is_head=is_head, range=wanted)
        await self._send(receive, send, ask)

    async def _send(self, receive: Receive, send: Send, ask: _Ask) -> None:
        size = ask.info.size
        try:
            asked = parse_range(ask.range, size)
        except RangeNotSatisfiableError:
            extent = (b"content-range", b"bytes */%d" % size)
            await _refuse(send, 416, "range_not_satisfiable", f"The file has {size} bytes.", extent)
            return
        start, end = asked or (0, size)
        headers = [*_caching(ask.info), *_content(ask.type, ask.filename), (b"content-length", b"%d" % (end - start))]
        if asked:
            headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, size)))
        chunks = self._store.stream(ask.info.key, start=start, end=end)
        # The first chunk is read before the status is sent: a file swept since then is still a plain 404.
        try:
            first = b"" if ask.is_head or start == end else await anext(chunks)
        except NotFoundError:
            await _refuse(send, 404, "not_found", "The file is gone: results are kept for a limited time.")
            return
        await send({"type": "http.response.start", "status": 206 if asked else 200, "headers": headers})
        if first:
            # No film is read for nobody: a reader who leaves ends the reading.
            with contextlib.suppress(ClientGoneError):
                await while_connected(_send_chunks(send, first, chunks), receive)
        await send({"type": "http.response.body"})

    async def _type(self, info: BlobInfo) -> str:
        known = self._types.get((info.key, info.etag))
        if known is None:
            head = b""
            if info.size:
                async for chunk in self._store.stream(info.key, end=min(HEAD_BYTES, info.size)):
                    head += chunk
            known = media_type(head)
            if len(self._types) >= _REMEMBERED:
                self._types.clear()
            self._types[info.key, info.etag] = known
        return known


async def _send_growing(scope: Scope, receive: Receive, send: Send, file: GrowingFile, filename: str) -> None:
    """What is there and what follows, without a length and without ranges."""
    chunks = file.stream()
    first = await anext(chunks, b"")
    headers = [(b"cache-control", b"no-store"), (b"accept-ranges", b"none"), *_content(media_type(first), filename)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "GET":
        with contextlib.suppress(ClientGoneError):
            await while_connected(_send_chunks(send, first, chunks), receive)
    await send({"type": "http.response.body"})


async def _send_chunks(send: Send, first: bytes, chunks: AsyncIterator[bytes]) -> None:
    await send({"type": "http.response.body", "body": first, "more_body": True})
    async for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


def _names(condition: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names an ETag; weak ones compare alike here (RFC 9110, 13.1.2)."""
    if condition is None:
        return False
    return condition.strip() == "*" or etag in {each.strip().removeprefix("W/") for each in condition.split(",")}


def _caching(info: BlobInfo) -> list[tuple[bytes, bytes]]:
    return [
        (b"etag", info.etag.encode("latin-1")),
        (b"cache-control", b"private, max-age=3600"),
        (b"accept-ranges", b"bytes"),
    ]


def _content(type_: str, filename: str) -> list[tuple[bytes, bytes]]:
    is_shown = type_.partition("/")[0] in {"audio", "image", "video"}
    # RFC 6266: the plain name is for old readers and must be ASCII without quotes, the starred one is the real one.
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in filename)
    place = "inline" if is_shown else "attachment"
    disposition = f"{place}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"
    media = f"{type_}; charset=utf-8" if type_ == "text/plain" else type_
    return [
        (b"content-type", media.encode()),
        (b"content-disposition", disposition.encode("ascii")),
        *_SAFE_HEADERS,
    ]


async def _refuse(send: Send, status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> None:
    body = msgspec.json.encode({"error": {"message": message, "type": "file_error", "param": None, "code": code}})
    await send_bytes(send, status=status, body=body, headers=(*headers, *_SAFE_HEADERS))
