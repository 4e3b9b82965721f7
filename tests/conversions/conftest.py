"""Ids that converters make up are the same in every run here, so that what they write can be held to the letter."""

from collections.abc import Iterator
from importlib import import_module

import pytest

_MAKERS = (
    "tutti.families.responses.response",
    "tutti.vendors.gemini.from_upstream",
    "tutti.vendors.gemini.stream",
)


@pytest.fixture(autouse=True, scope="module")
def made_up_ids() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in _MAKERS:
            patch.setattr(import_module(name), "random_text", lambda length: "x" * length)
        yield
