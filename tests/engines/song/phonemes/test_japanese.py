"""Japanese writing as sung syllables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutti.engines.song.phonemes import japanese_line
from tutti.engines.song.phonemes.counts import counted
from tutti.engines.song.phonemes.furigana import over_kana
from tutti.engines.song.phonemes.japanese import JAPANESE, japanese_words
from tutti.engines.song.phonemes.kana import cut_morae
from tutti.engines.song.phonemes.numerals import japanese_number


def letters(text: str) -> list[str]:
    return ["".join((*each.onset, *each.nucleus, *each.coda)) for each in japanese_line(text)]


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("夜明け", ["jo", "a", "ke"]),
        ("コーヒー", ["koː", "çiː"]),
        ("ずーっと", ["zɨːʔ", "to"]),
        ("電車", ["deɴ", "ɕa"]),
        ("散歩", ["sam", "po"]),
        ("銀河", ["ɡʲiŋ", "ɡa"]),
        ("こんにちは", ["koɲ", "ɲi", "ʨi", "βa"]),
        ("本を", ["hoɴ", "o"]),
        ("待って", ["maʔ", "te"]),
        ("ちょっと", ["ʨoʔ", "to"]),
        ("あっ", ["a"]),
        ("んだよ", ["ɴ", "da", "jo"]),
        ("ファンタジー", ["ɸan", "ta", "ʥiː"]),
        ("ヴァイオリン", ["va", "i", "o", "ɾʲiɴ"]),
        ("ねぇ", ["neː"]),
        ("ねえ〜", ["ne", "eː"]),
        ("ｶﾞﾗｽ", ["ɡa", "ɾa", "sɨ"]),
        ("いすゞ", ["i", "sɨ", "zɨ"]),
        ("日々", ["çi", "bʲi"]),
        ("っ", []),
        ("𠮷", []),
    ],
)
def test_morae_are_sung_and_joined(text: str, sounds: list[str]) -> None:
    assert letters(text) == sounds


@pytest.mark.parametrize(
    ("text", "morae"), [("東京タワー", [2, 2, 1, 2]), ("待って", [2, 1]), ("あっ", [1]), ("夢", [1, 1])]
)
def test_long_syllables_say_how_many_morae_they_hold(text: str, morae: list[int]) -> None:
    assert [each.morae for each in japanese_line(text)] == morae


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("東京へは", "東京えわ"),
        ("君は行こう", "きみわいこー"),
        ("見よう", "みよー"),
        ("一人と二人", "ひとりとふたり"),
        ("一人前", "いちにんまえ"),
        ("愛してるよ", "あいしてるよ"),
        ("時々", "ときどき"),
        ("三百六十五日", "さんびゃくろくじゅーごにち"),
        ("3人", "さんにん"),
        ("２４時間", "にじゅー四時間"),
        ("100%", "ひゃくぱーせんと"),
        ("一歩", "いっぽ"),
        ("三本", "さんぼん"),
        ("十分間", "じゅっぷんかん"),
        ("三千回", "さんぜんかい"),
        ("十三", "じゅーさん"),
    ],
)
def test_words_are_read_as_songs_have_them(text: str, spoken: str) -> None:
    assert letters(text) == letters(spoken)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("夜明けの街をひとり歩いた", ["夜明けの", "街を", "ひとり", "歩いた"]),
        ("さよなら、baby。また明日！", ["さよなら、", "baby。", "また", "明日！"]),
        ("静かな朝 「夢」を見る", ["静かな", "朝 ", "「夢」", "を", "見る"]),
        ("3人で100%", ["3人で", "100%"]),
        ("お母さんと散歩したい", ["お母さんと", "散歩したい"]),
        ("一人一人の側に", ["一人", "一人の側に"]),
        ("十四人で", ["十四人で"]),
    ],
)
def test_words_are_shown_with_their_particles(text: str, words: list[str]) -> None:
    shown: list[str] = []
    for each in japanese_line(text):
        if each.starts_word:
            shown.append("")
        shown[-1] += each.text
    assert shown == words
    assert [each.ends_word for each in japanese_line(text)][-1]


@pytest.mark.parametrize(
    ("written", "kana", "shown"),
    [
        ("歩いた", "アルイタ", ["歩", "", "い", "た"]),
        ("東京", "トーキョー", ["東", "", "京", "", ""]),
        ("は", "ワ", ["は"]),
        ("言う", "ユウ", ["言", "う"]),
        ("抱き締め", "ダキシメ", ["抱", "き", "締", "め"]),
        ("五月雨", "サ", ["五月雨"]),
        ("かな", "ベツ", ["か", "な"]),
    ],
)
def test_writing_stands_over_its_kana(written: str, kana: str, shown: list[str]) -> None:
    assert over_kana(written, kana, written) == shown


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0", "ゼロ"), ("7", "七"), ("10", "十"), ("111", "百十一"), ("1200", "千二百"), ("10000", "一万"),
        ("30,405", "三万四百五"), ("100000000", "一億"), ("3.5", "三点五"), ("007", "ゼロゼロ七"),
        ("1.2.3", "一点二点三"),
    ],
)  # fmt: skip
def test_digits_are_read_by_value(written: str, read: str) -> None:
    assert japanese_number(written) == read


@pytest.mark.parametrize(
    ("numeral", "thing", "both"),
    [
        ("イチ", "ホン", "イッポン"), ("ロク", "カイ", "ロッカイ"), ("ロク", "サイ", "ロクサイ"),
        ("ジュー", "サイ", "ジュッサイ"), ("サン", "ヒャク", "サンビャク"), ("ヨン", "フン", "ヨンプン"),
        ("ニ", "ホン", "ニホン"), ("ハチ", "セン", "ハッセン"), ("ゴ", "", "ゴ"),
    ],
)  # fmt: skip
def test_numerals_and_what_they_count_sound_together(numeral: str, thing: str, both: str) -> None:
    assert "".join(counted(numeral, thing)) == both


def test_morae_keep_their_small_letters() -> None:
    assert cut_morae("キョーワマッチャ、x") == ["キョ", "ー", "ワ", "マ", "ッ", "チャ"]


@given(text=st.from_regex(JAPANESE, fullmatch=True))
@settings(max_examples=150, deadline=None)
def test_whatever_is_read_is_shown_whole(text: str) -> None:
    words = japanese_words(text)
    shown = "".join(each.text for word in words for each in word)
    assert shown == (text if words else "")
    assert all(word[0].starts_word and word[-1].ends_word for word in words)
