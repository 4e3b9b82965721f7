import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from tutti.blobs.growing import GrowingFiles
from tutti.blobs.links import FileLinks
from tutti.blobs.memory import InMemoryBlobStore
from tutti.blobs.serve import FileServer
from tutti.blobs.store import BlobStore
from tutti.kit.clock import ManualClock

pytestmark = pytest.mark.anyio

MP3 = b"ID3\x04" + bytes(range(256)) * 30
CLOCK = ManualClock()
LINKS = FileLinks(b"secret", 7, clock=CLOCK)
KEY = "results/t/1/song one.mp3"


@pytest.fixture
async def client(store: BlobStore) -> AsyncIterator[httpx.AsyncClient]:
    await store.put(KEY, MP3)
    transport = httpx.ASGITransport(FileServer(store, LINKS))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def scope_of(link: str) -> dict[str, object]:
    url = urlsplit(link)
    return {"method": "GET", "path": unquote(url.path), "query_string": url.query.encode(), "headers": []}


async def test_whole_file_comes_with_its_headers(client: httpx.AsyncClient) -> None:
    reply = await client.get(LINKS.url(KEY, filename='夜 "曲".mp3'))
    assert (reply.status_code, reply.content) == (200, MP3)
    assert reply.headers["content-type"] == "audio/mpeg"
    assert reply.headers["content-length"] == str(len(MP3))
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]
    assert reply.headers["content-disposition"] == (
        "inline; filename=\"_ ___.mp3\"; filename*=UTF-8''%E5%A4%9C%20%22%E6%9B%B2%22.mp3"
    )


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    get, head = await client.get(LINKS.url(KEY)), await client.head(LINKS.url(KEY))
    assert (head.status_code, head.content, head.headers) == (200, b"", get.headers)


@pytest.mark.parametrize(
    ("asked", "expected", "extent"),
    [
        ("bytes=0-0", MP3[:1], "0-0"),
        ("bytes=100-", MP3[100:], f"100-{len(MP3) - 1}"),
        ("bytes=-10", MP3[-10:], f"{len(MP3) - 10}-{len(MP3) - 1}"),
        ("bytes=5-999999", MP3[5:], f"5-{len(MP3) - 1}"),
    ],
)
async def test_range_gives_a_part(client: httpx.AsyncClient, asked: str, expected: bytes, extent: str) -> None:
    reply = await client.get(LINKS.url(KEY), headers={"range": asked})
    assert (reply.status_code, reply.content) == (206, expected)
    assert reply.headers["content-range"] == f"bytes {extent}/{len(MP3)}"
    assert reply.headers["content-length"] == str(len(expected))


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=9-3", "bytes=-", "nonsense"])
async def test_range_we_do_not_serve_gives_the_whole(client: httpx.AsyncClient, asked: str) -> None:
    reply = await client.get(LINKS.url(KEY), headers={"range": asked})
    assert (reply.status_code, reply.content) == (200, MP3)


@pytest.mark.parametrize("asked", [f"bytes={len(MP3)}-", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
async def test_range_outside_is_416(client: httpx.AsyncClient, asked: str) -> None:
    reply = await client.get(LINKS.url(KEY), headers={"range": asked})
    assert reply.status_code == 416
    assert reply.headers["content-range"] == f"bytes */{len(MP3)}"


async def test_known_etag_is_304(client: httpx.AsyncClient) -> None:
    etag = (await client.head(LINKS.url(KEY))).headers["etag"]
    for condition in (etag, f'"other", W/{etag}', "*"):
        reply = await client.get(LINKS.url(KEY), headers={"if-none-match": condition})
        assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", etag)
    assert (await client.get(LINKS.url(KEY), headers={"if-none-match": '"other"'})).status_code == 200


async def test_range_of_another_version_gives_the_whole(client: httpx.AsyncClient) -> None:
    etag = (await client.head(LINKS.url(KEY))).headers["etag"]
    same = await client.get(LINKS.url(KEY), headers={"range": "bytes=0-1", "if-range": etag})
    other = await client.get(LINKS.url(KEY), headers={"range": "bytes=0-1", "if-range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


async def test_link_is_needed(client: httpx.AsyncClient) -> None:
    path = urlsplit(LINKS.url(KEY)).path
    for query in ("", "?exp=9999999999&sig=00", "?exp=x&sig=%00", "?exp=%FF&sig=%F0%9F%92%A9"):
        reply = await client.get(path + query)
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "link_refused")


async def test_expired_link_is_403_and_swept_file_404(client: httpx.AsyncClient) -> None:
    old = LINKS.url(KEY)
    CLOCK.advance(9 * 86_400_000)
    assert (await client.get(old)).status_code == 403
    assert (await client.get(LINKS.url("results/gone"))).status_code == 404


async def test_other_methods_are_405(client: httpx.AsyncClient) -> None:
    reply = await client.post(LINKS.url(KEY))
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("content", "type_", "place"),
    [
        (b"<html><script>alert(1)</script>", "text/plain; charset=utf-8", "attachment"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "text/plain; charset=utf-8", "attachment"),
        (b'{"a": 1}', "application/json", "attachment"),
        (b"%PDF-1.7", "application/pdf", "attachment"),
        (b"", "application/octet-stream", "attachment"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "inline"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4", "inline"),
    ],
)
async def test_type_is_read_from_the_bytes(content: bytes, type_: str, place: str) -> None:
    store = InMemoryBlobStore()
    await store.put("a.mp3", content)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(FileServer(store, LINKS)), base_url="http://t"
    ) as client:
        reply = await client.get(LINKS.url("a.mp3"))
    assert (reply.content, reply.headers["content-type"]) == (content, type_)
    assert reply.headers["content-disposition"].startswith(place)


async def test_reader_who_is_gone_is_sent_no_more() -> None:
    store, sent = InMemoryBlobStore(), []
    await store.put("a", bytes(100_000))

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)
        await asyncio.sleep(0)

    await FileServer(store, LINKS)(scope_of(LINKS.url("a")), receive, send)
    assert len(sent) < 6


async def test_replaced_file_is_sniffed_anew(client: httpx.AsyncClient, store: BlobStore) -> None:
    assert (await client.head(LINKS.url(KEY))).headers["content-type"] == "audio/mpeg"
    await store.put(KEY, b"\x89PNG\r\n\x1a\nxx")
    assert (await client.head(LINKS.url(KEY))).headers["content-type"] == "image/png"


async def test_growing_file_is_read_until_it_is_whole_and_stored(store: BlobStore, tmp_path: Path) -> None:
    growing, path = GrowingFiles(), tmp_path / "song.mp3"
    path.write_bytes(MP3[:1000])
    growing.begin(KEY, path)
    said: asyncio.Queue[dict] = asyncio.Queue()
    server, link = FileServer(store, LINKS, growing), LINKS.url(KEY)
    reading = asyncio.create_task(server(scope_of(link), asyncio.Event().wait, said.put))
    start = await said.get()
    assert start["status"] == 200
    assert (b"content-type", b"audio/mpeg") in start["headers"]
    assert (await said.get())["body"] == MP3[:1000]
    with path.open("ab") as file:
        file.write(MP3[1000:])
    added = b""
    while len(added) < len(MP3) - 1000:  # it is written, and may be read, in pieces
        added += (await said.get())["body"]
    assert added == MP3[1000:]
    await store.put(KEY, path)
    growing.finish(KEY)
    await asyncio.wait_for(reading, 5)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://test") as client:
        assert (await client.get(link, headers={"range": "bytes=0-9"})).content == MP3[:10]


async def test_file_that_never_became_whole_is_gone(store: BlobStore, tmp_path: Path) -> None:
    growing, path = GrowingFiles(), tmp_path / "song.mp3"
    path.write_bytes(MP3)
    growing.begin("results/t/2/song.mp3", path)
    growing.finish("results/t/2/song.mp3")
    transport = httpx.ASGITransport(FileServer(store, LINKS, growing))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get(LINKS.url("results/t/2/song.mp3"))).status_code == 404
