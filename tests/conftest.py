"""What all tests share."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """We run on asyncio alone."""
    return "asyncio"
