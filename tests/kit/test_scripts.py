import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit import scripts
from tutti.kit.scripts import strange_script

KNOWN = {"LATIN", "CJK"}


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", None),
        ("la la la", None),
        ("晚风吹过安静的街", None),
        ("Ｆｕｌｌ ｗｉｄｔｈ, naïve café", None),
        ("1, 2, 3 ♪ 🎵", None),
        ("晚风吹过安静的街，我还记得你说的さよなら, and goodbye, goodbye", None),
        ("夜の街を歩く", "HIRAGANA"),
        ("サクラ", "KATAKANA"),
        ("나는 오늘 밤에", "HANGUL"),
        ("Привет, мир", "CYRILLIC"),
        ("Hello, Привет", "CYRILLIC"),
    ],
)
def test_strange_script_is_named_where_it_is_more_than_a_quotation(text, script):
    assert strange_script(text, KNOWN) == script


@given(st.text())
def test_any_text_is_read(text):
    assert strange_script(text, KNOWN) not in KNOWN


def test_examples_hold():
    assert doctest.testmod(scripts).failed == 0
