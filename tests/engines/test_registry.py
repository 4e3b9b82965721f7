import importlib.util
import json
import subprocess
import sys

import pytest

from tutti.engines.host import host_for
from tutti.engines.registry import embedded_engines, missing_packages
from tutti.intents import Intent
from tutti.settings import Settings

# As an engine's child does it: the factory by name, the row's options as its arguments.
MAKE = """
import importlib, json, sys
module, _, name = sys.argv[1].partition(":")
engine = getattr(importlib.import_module(module), name)(**json.loads(sys.argv[2]))
print(callable(engine.run))
"""


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


@pytest.mark.parametrize("row", embedded_engines(Settings()), ids=lambda row: row.name)
def test_every_engine_can_be_made_in_a_process_of_its_own(row, tmp_path):
    if (reason := missing_packages(row)) is not None:
        pytest.skip(reason.message)
    options = row.options | ({"cache_dir": str(tmp_path)} if "cache_dir" in row.options else {})
    command = [sys.executable, "-W", "error", "-c", MAKE, row.factory, json.dumps(options)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (made.returncode, made.stdout.strip()) == (0, "True"), made.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("row", embedded_engines(Settings()), ids=lambda row: row.name)
def test_every_engine_serves_known_intents_within_stated_bounds(row):
    assert row.kinds <= {intent.kind for intent in Intent.__subclasses__()}
    assert row.kinds
    assert row.peak_memory_mb > 0
    assert row.silence_s >= 20
    assert importlib.util.find_spec(row.factory.partition(":")[0]) is not None
