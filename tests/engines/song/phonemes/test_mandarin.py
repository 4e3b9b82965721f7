"""Mandarin characters as sung syllables."""

import pytest

from tutti.engines.song.phonemes import mandarin_line
from tutti.engines.song.phonemes.mandarin import chinese_number, is_noun_phrase, pinyin_syllable, split_pinyin


@pytest.mark.parametrize(
    ("pinyin", "parts"),
    [
        ("zhang1", (("ꭧ",), ("a",), ("ŋ",), 1)),
        ("qu4", (("ʨ", "ʰ"), ("y",), (), 4)),
        ("xue2", (("ɕ", "ɥ"), ("e",), (), 2)),
        ("liu2", (("l", "j"), ("o", "u"), (), 2)),
        ("gui4", (("k", "w"), ("e", "i"), (), 4)),
        ("yuan2", (("ɥ",), ("ɛ",), ("n",), 2)),
        ("shi4", (("ʂ",), ("ɨ",), (), 4)),
        ("nü3", (("n",), ("y",), (), 3)),
        ("lüe4", (("l", "ɥ"), ("e",), (), 4)),
        ("er2", ((), ("ɚ",), (), 2)),
        ("ng2", ((), ("ə",), ("ŋ",), 2)),
        ("de5", (("t",), ("ɤ",), (), 5)),
    ],
)
def test_pinyin_is_split_into_initial_medial_nucleus_and_coda(pinyin: str, parts: tuple[object, ...]) -> None:
    syllable = pinyin_syllable(pinyin)
    assert (syllable.onset, syllable.nucleus, syllable.coda, syllable.tone) == parts


@pytest.mark.parametrize(
    ("spelling", "parts"),
    [("wo", ("", "uo")), ("jun", ("j", "ün")), ("sun", ("s", "uen")), ("lv", ("l", "ü")), ("ri", ("r", "-i"))],
)
def test_spelling_rules_of_pinyin_are_undone(spelling: str, parts: tuple[str, str]) -> None:
    assert split_pinyin(spelling) == parts


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        ("你好", [2, 3]),
        ("不是", [2, 4]),
        ("我不去", [3, 2, 4]),
        ("不好", [4, 3]),
        ("一起", [4, 3]),
        ("一样", [2, 4]),
        ("第一天", [4, 1, 1]),
        ("看一看", [4, 5, 4]),
        ("我的", [3, 5]),
        ("雨伞", [2, 3]),
    ],
)
def test_tones_are_those_of_speech(text: str, tones: list[int]) -> None:
    assert [s.tone for s in mandarin_line(text)] == tones


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("花儿都开了", ["花儿", "都", "开", "了"]), ("我的女儿", ["我", "的", "女", "儿"]), ("儿歌", ["儿", "歌"])],
)
def test_er_joins_its_syllable_as_an_ending_only(text: str, pieces: list[str]) -> None:
    assert [s.text for s in mandarin_line(text)] == pieces


def test_characters_with_two_readings_are_read_by_their_word() -> None:
    line = mandarin_line("银行行走音乐快乐长大很长")
    assert "".join(line[1].nucleus + line[2].nucleus) == "ai"
    assert [s.tone for s in line[4:8]] == [1, 4, 4, 4]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0", "零"),
        ("12", "十二"),
        ("20", "二十"),
        ("105", "一百零五"),
        ("110", "一百一十"),
        ("1984", "一九八四"),
        ("10000", "一万"),
        ("3.5", "三点五"),
        ("5020", "五千零二十"),
    ],
)
def test_number_is_read_in_chinese(written: str, read: str) -> None:
    assert chinese_number(written) == read


@pytest.mark.parametrize(
    ("text", "is_noun"), [("夏天海边", True), ("老院子", True), ("想念妈妈", False), ("慢慢地走", False)]
)
def test_noun_phrase_is_told_from_a_sentence(text: str, *, is_noun: bool) -> None:
    assert is_noun_phrase(text) is is_noun
