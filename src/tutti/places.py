"""Where things lie in a data directory; nothing else knows their names."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """The files and folders under one data directory."""

    data: Path

    @property
    def database(self) -> Path:
        """Tasks, money and accounts."""
        return self.data / "tutti.db"

    @property
    def blobs(self) -> Path:
        """Results and inputs."""
        return self.data / "blobs"

    @property
    def scratch(self) -> Path:
        """What engines work on; swept at every start."""
        return self.data / "scratch"

    @property
    def socket(self) -> Path:
        """Where the command line reaches a running server."""
        return self.data / "admin.sock"

    @property
    def first_run(self) -> Path:
        """The first key and token, when there was no terminal to show them on."""
        return self.data / "first-run"

    def secret(self, name: str) -> Path:
        """A secret that the server made for itself."""
        return self.data / "secrets" / name

    def make(self) -> None:
        """Make the directory for its owner alone; one that is there keeps its mode."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
