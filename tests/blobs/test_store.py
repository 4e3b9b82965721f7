"""The suite of the blob port: one behaviour, every store."""

from pathlib import Path

import pytest

from tutti.blobs.store import BlobStore
from tutti.errors import NotFoundError

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 20


async def read(store: BlobStore, key: str, **borders: int) -> bytes:
    return b"".join([chunk async for chunk in store.stream(key, **borders)])


async def keys(store: BlobStore, prefix: str = "") -> list[str]:
    return sorted([info.key async for info in store.list_all(prefix)])


async def test_put_is_read_back(store: BlobStore) -> None:
    info = await store.put("results/t/1/song.mp3", CONTENT)
    assert (info.key, info.size) == ("results/t/1/song.mp3", len(CONTENT))
    assert info.etag.startswith('"')
    assert await store.head(info.key) == info
    assert await store.get(info.key) == CONTENT
    assert await read(store, info.key) == CONTENT


async def test_put_takes_a_file(store: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "given"
    path.write_bytes(CONTENT * 2000)
    assert (await store.put("a/b", path)).size == len(CONTENT) * 2000
    assert await store.get("a/b") == CONTENT * 2000
    assert path.exists()


async def test_put_replaces_and_changes_the_etag(store: BlobStore) -> None:
    first = await store.put("a", b"one")
    second = await store.put("a", b"other")
    assert first.etag != second.etag
    assert await store.get("a") == b"other"


@pytest.mark.parametrize(
    ("borders", "expected"),
    [
        ({}, CONTENT),
        ({"start": 5000}, CONTENT[5000:]),
        ({"end": 1}, CONTENT[:1]),
        ({"start": 1000, "end": 3001}, CONTENT[1000:3001]),
        ({"start": 5100, "end": 9999}, CONTENT[5100:]),
    ],
)
async def test_stream_gives_exactly_the_range(store: BlobStore, borders: dict[str, int], expected: bytes) -> None:
    await store.put("a", CONTENT)
    assert await read(store, "a", **borders) == expected


async def test_empty_blob_is_a_blob(store: BlobStore) -> None:
    assert (await store.put("e", b"")).size == 0
    assert await store.get("e") == b""
    assert await read(store, "e") == b""


async def test_absent_key_is_told_apart(store: BlobStore) -> None:
    assert await store.head("nothing") is None
    with pytest.raises(NotFoundError, match="nothing"):
        await store.get("nothing")
    with pytest.raises(NotFoundError, match="nothing"):
        await read(store, "nothing")


async def test_delete_skips_the_absent(store: BlobStore) -> None:
    for key in ("a/1", "a/2", "b"):
        await store.put(key, b"x")
    await store.delete(["a/1", "never", "b"])
    assert await keys(store) == ["a/2"]


async def test_prefix_means_whole_names(store: BlobStore) -> None:
    for key in ("r/abc/1", "r/abcd/1", "r/abc/2/3", "x"):
        await store.put(key, b"x")
    assert await keys(store, "r/abc") == ["r/abc/1", "r/abc/2/3"]
    assert await keys(store) == ["r/abc/1", "r/abc/2/3", "r/abcd/1", "x"]


async def test_blob_replaced_while_it_is_read_is_read_as_it_was(store: BlobStore) -> None:
    await store.put("a", CONTENT * 1000)
    stream = store.stream("a")
    head = await anext(stream)
    await store.put("a", b"new")
    assert head + b"".join([chunk async for chunk in stream]) == CONTENT * 1000
