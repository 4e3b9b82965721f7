"""Blobs in memory for vendor tests."""

import pytest

from tutti.blobs.memory import InMemoryBlobStore


@pytest.fixture
def blobs() -> InMemoryBlobStore:
    return InMemoryBlobStore()
