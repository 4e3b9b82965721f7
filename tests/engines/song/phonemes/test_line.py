"""Whole lines: both languages in one, nothing lost on the display, nothing that the singer cannot read."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutti.engines.song.model import Language, Syllable
from tutti.engines.song.phonemes import detect_language, line

# The letters that Kokoro v1.0 has tokens for.
KOKORO_LETTERS = frozenset(Path(__file__).parents[3].joinpath("data/kokoro_letters.txt").read_text(encoding="utf-8"))
LANGUAGES = st.sampled_from(list(Language))
LYRIC_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("aeiouthsn' ,.!-’0123456789$%&我们爱你海边儿不一好了 "),
        st.sampled_from("éüß(（["),
        st.sampled_from("夜空は一人ギュッとンーゞヽ々〜ｶﾞ３％っャ"),
    )
)


def is_sound(syllable: Syllable) -> bool:
    letters = (*syllable.onset, *syllable.nucleus, *syllable.coda)
    return bool(syllable.nucleus) and all(letter in KOKORO_LETTERS and len(letter) == 1 for letter in letters)


@pytest.mark.parametrize(
    ("text", "language", "pieces"),
    [
        ("I love 北京, baby!", "en", ["I ", "love ", "北", "京, ", "ba", "by!"]),
        ("2024年我有15个love song", "zh", ["2", "0", "2", "4", "年", "我", "有", "1", "5", "个", "love ", "song"]),
        ("(oh  yeah) 🎉 go", "en", ["(oh ", "yeah) 🎉 ", "go"]),
        ("rock-n-roll", "en", ["rock-", "n-", "roll"]),
        ("你好，世界。", "zh", ["你", "好，", "世", "界。"]),
        ("Baby、夜空に2つの星 ♪", "ja", ["Ba", "by、", "夜", "空", "", "に", "2", "", "つ", "の", "星", " ♪"]),
        ("!!!", "en", []),
    ],
)
def test_line_shows_every_character_with_its_syllable(text: str, language: str, pieces: list[str]) -> None:
    assert [s.text for s in line(text, Language(language)).syllables] == pieces


@given(text=LYRIC_TEXT, language=LANGUAGES)
@settings(max_examples=200, deadline=None)
def test_any_text_is_sung_or_passed_over(text: str, language: Language) -> None:
    sung = line(text, language)
    assert all(is_sound(s) for s in sung.syllables)
    assert all(s.tone in range(6) and s.stress in range(3) and s.morae >= 0 for s in sung.syllables)
    if sung.syllables:
        assert "".join(s.text for s in sung.syllables) == sung.text == " ".join(sung.text.split(" "))
        assert sung.syllables[0].starts_word
        assert sung.syllables[-1].ends_word


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hello", "en"),
        ("夜の街", "ja"),
        ("東京 さよなら my love", "ja"),
        ("我的の爱人在哪里", "zh"),
        ("你好", "zh"),
        ("我的 baby", "zh"),
        ("I love you 北京", "en"),
        ("123", "en"),
        ("", "en"),
    ],
)
def test_language_is_told_by_the_script(text: str, language: str) -> None:
    assert detect_language(text) == language
