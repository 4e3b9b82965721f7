import re

import msgspec
import pytest

from tutti.errors import NotFoundError
from tutti.models.catalogue import Catalogue, Model, shipped_catalogue

MODELS = list(shipped_catalogue())
# Weights that everyone may use for everything.
FREE = {"Apache-2.0", "MIT", "OFL-1.1", "BSD-3-Clause", "CC0-1.0"}


@pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])
def test_shipped_model_is_complete(model: Model) -> None:
    assert model.licence in FREE
    assert model.purpose
    assert len({file.file for file in model.files}) == len(model.files)
    for file in model.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size > 0
        assert "/" not in file.file
        sources = model.sources_of(file)
        assert sources
        assert not any("{" in part.member for source in sources for part in source.parts)


@pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])
def test_shipped_packages_are_pinned(model: Model) -> None:
    pins = {"pypi": r"[a-z0-9-]+==[0-9.]+", "npm": r"(@[a-z0-9-]+/)?[a-z0-9-]+@[0-9.]+", "hub": r"[\w.-]+/[\w.-]+"}
    for file in model.files:
        for source in model.sources_of(file):
            for part in source.parts:
                assert re.fullmatch(pins[source.kind], part.origin)


def test_shipped_catalogue_holds_what_a_song_needs() -> None:
    assert shipped_catalogue().needed_by("song") == ("kokoro", "kokoro-voices", "fluid-r3-mono", "noto-sans-sc")
    assert len(shipped_catalogue().find("kokoro-voices").files) == 54


def test_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="kokoro-voices"):
        shipped_catalogue().find("kokoro-vices")


def test_misspelt_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="licens"):
        Catalogue.from_toml('[[model]]\nname="a"\nlicens="MIT"\npurpose="p"\nengine="e"\nfiles=[]')
