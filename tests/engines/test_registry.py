import pytest

from tutti.engines.host import host_for
from tutti.engines.registry import embedded_engines
from tutti.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(cache_dir=tmp_path, song_workers=3, engine_cores=5, engine_memory_share=0.5)


def test_no_kind_is_served_twice(settings):
    kinds = [kind for row in embedded_engines(settings) for kind in row.kinds]
    assert sorted(kinds) == sorted(set(kinds))


def test_settings_size_the_engines(settings, monkeypatch):
    monkeypatch.setattr("tutti.engines.host.memory_limit_bytes", lambda: 2_000_000_000)
    host = host_for(settings)
    (song,) = [row for row in host.rows if row.name == "song"]
    assert (song.count, song.lane, host.engine_for("lyrics")) == (3, "engine:song", "lyrics")
    assert host._cores.total == 5
    assert "needs 1500 MB of memory and engines may use 1000 MB" in host.why_not("song").message
