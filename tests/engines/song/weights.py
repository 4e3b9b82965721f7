"""The weights that tests draw, play and sing with, from the user's cache; tests that lack them are skipped."""

from functools import cache
from pathlib import Path

import pytest

from tutti.engines.song.backing import SoundFontPlayer
from tutti.engines.song.engine import SongEngine
from tutti.engines.song.sounds import SoundsEngine
from tutti.errors import ModelFileError
from tutti.models.store import ModelStore
from tutti.settings import user_cache_dir


@cache
def sound_font_player() -> SoundFontPlayer:
    return SoundFontPlayer(sound_font_path())


def sound_font_path() -> Path:
    return _path("fluid-r3-mono")


def text_font() -> Path:
    return _path("noto-sans-sc")


def song_engine() -> SongEngine:
    """An engine that fetches nothing."""
    for name in ModelStore(user_cache_dir()).catalogue.needed_by("song"):
        _path(name)
    return SongEngine(cache_dir=str(user_cache_dir()), threads=2)


def sounds_engine() -> SoundsEngine:
    """One that fetches nothing either."""
    text_font()
    return SoundsEngine(cache_dir=str(user_cache_dir()))


def _path(name: str) -> Path:
    try:
        return ModelStore(user_cache_dir()).path(name)
    except ModelFileError as error:
        pytest.skip(str(error))
