"""Real server processes and, for songs, real weights."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.process import TuttiProcess
from tests.flows.receiver import Receiver
from tutti.errors import TuttiError
from tutti.models.store import ModelStore
from tutti.settings import user_cache_dir


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[TuttiProcess]:
    """A data directory of the test's own, whose server the test starts and ends as it likes."""
    server = TuttiProcess(tmp_path)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TuttiProcess]:
    """A running server that the tests of a module share; songs wait in it, for nobody is there to sing them."""
    server = TuttiProcess(tmp_path_factory.mktemp("server"), TUTTI_SONG_WORKERS="0")
    try:
        server.start()
        yield server
        server.stop()
    finally:
        server.kill()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def _weights() -> None:
    """What the song engine needs, from the user's cache, fetched if need be."""
    models = ModelStore(user_cache_dir())
    try:
        models.ensure(models.catalogue.needed_by("song"))
    except TuttiError as error:
        pytest.skip(error.message)
