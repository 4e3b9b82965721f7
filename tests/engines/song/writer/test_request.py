"""The caller's own words in a song."""

import pytest

from tutti.engines.song.model import Language
from tutti.engines.song.writer.request import OwnWords, is_unsung, own_words


@pytest.mark.parametrize(
    ("request_", "own"),
    [
        ("a rainy market street at dusk, hopeful", OwnWords(things=("the rainy market street",), places=("at dusk",))),
        (
            "an upbeat pop song about my dog Rex at the beach",
            OwnWords(things=("my dog Rex",), places=("at the beach",)),
        ),
        ("I miss my mother and the old kitchen", OwnWords(clauses=("I miss my mother",))),
        ("old friends", OwnWords(things=("old friends",))),
        ("sad breakup ballad", OwnWords()),
        ("something beautiful, female voice, 120 bpm", OwnWords()),
        ("robots learning to love", OwnWords(things=("robots",))),
        ("ein Lied über Katzen", OwnWords()),
        ("fucking love", OwnWords()),
        ("", OwnWords()),
    ],
)
def test_english_request_yields_phrases_that_fit_a_sentence(request_: str, own: OwnWords) -> None:
    assert own_words(request_, Language.ENGLISH) == own


@pytest.mark.parametrize(
    ("request_", "own"),
    [
        ("一首关于夏天海边的快乐歌曲", OwnWords(things=("夏天海边",))),
        ("写一首想念妈妈的歌", OwnWords(clauses=("我想念妈妈",))),
        ("一首关于我和奶奶的老院子的民谣", OwnWords(things=("老院子",))),
        ("伤感，女声", OwnWords()),
        ("a song about rain", OwnWords()),
    ],
)
def test_chinese_request_yields_its_subject(request_: str, own: OwnWords) -> None:
    assert own_words(request_, Language.MANDARIN) == own


@pytest.mark.parametrize(
    ("text", "is_bad"), [("what the FUCK", True), ("妈妈的歌", False), ("他妈的", True), ("Scunthorpe", False)]
)
def test_slurs_are_told_from_innocent_words(text: str, *, is_bad: bool) -> None:
    assert is_unsung(text) is is_bad
