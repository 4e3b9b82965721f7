"""What all tests share."""

from collections.abc import Iterator

import pytest

from tests.upstream.handle import RunningUpstream, running_upstream


@pytest.fixture
def anyio_backend() -> str:
    """We run on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[RunningUpstream]:
    """One upstream for all tests of a worker."""
    with running_upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(upstream_process: RunningUpstream) -> RunningUpstream:
    """The upstream with nothing seen and no fault set."""
    upstream_process.reset()
    return upstream_process
