"""The font files that production tests draw and play with, from the user's weight cache."""

from functools import cache
from pathlib import Path

import pytest

from tutti.engines.song.backing import SoundFontPlayer
from tutti.errors import ModelFileError
from tutti.models.store import ModelStore
from tutti.settings import user_cache_dir


@cache
def sound_font_player() -> SoundFontPlayer:
    return SoundFontPlayer(_path("fluid-r3-mono"))


def text_font() -> Path:
    return _path("noto-sans-sc")


def _path(name: str) -> Path:
    try:
        return ModelStore(user_cache_dir()).path(name)
    except ModelFileError as error:
        pytest.skip(str(error))
