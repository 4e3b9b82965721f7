from pathlib import Path

import pytest

from tutti.blobs.local import LocalBlobStore
from tutti.blobs.memory import InMemoryBlobStore
from tutti.blobs.store import BlobStore


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Every blob store there is."""
    return LocalBlobStore(tmp_path / "blobs") if request.param == "local" else InMemoryBlobStore()
