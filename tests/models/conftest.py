"""Local packages and a hub on loopback, so that every kind of source is tried without a network."""

import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from tutti.models.catalogue import Catalogue, Model, ModelFile, Part, Source

CONTENT = bytes(range(256)) * 40


def file_of(content: bytes, *sources: Source, name: str = "weights.bin") -> ModelFile:
    return ModelFile(name, hashlib.sha256(content).hexdigest(), len(content), tuple(sources))


def source(kind: str, *parts: tuple[str, str]) -> Source:
    return Source(kind, tuple(Part(*part) for part in parts))


def catalogue_of(*files: ModelFile, name: str = "tiny") -> Catalogue:
    return Catalogue((Model(name, "MIT", "a test", "song", files),))


def write_catalogue(path: Path, catalogue: Catalogue) -> None:
    path.write_bytes(msgspec.json.encode(list(catalogue)))


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all pip can see."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def write_wheel(folder: Path, name: str, members: dict[str, bytes], version: str = "1.0") -> None:
    dist = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        archive.writestr(f"{dist}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{dist}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{dist}/RECORD", "")


def write_tarball(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members.items():
            about = tarfile.TarInfo(member)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))


@dataclass
class FakeHub:
    """What a hub serves and what it was asked for."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    # Send half of a file and then hold the line.
    stall: bool = False
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    fake = FakeHub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            content = fake.files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if fake.stall and content:
                self.wfile.write(content[: len(content) // 2])
                self.wfile.flush()
                fake.released.wait(30)
                return
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """The test says what it wants to know."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield fake
        fake.released.set()
        server.shutdown()
        thread.join()
