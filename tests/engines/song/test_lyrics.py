"""Lyrics as people paste them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutti.engines.song.lyrics import LONGEST_LINE_SYLLABLES, hook_line, parse, section_kind
from tutti.engines.song.model import Language, SectionKind

MARKS = st.sampled_from(
    ["[Verse]", "[Chorus", "【副歌】", "Verse 1:", "(solo)", "[]", "x2", "\n", "\n\n", " la la ", "我爱你，"]
)


def outline(text: str) -> list[tuple[str, list[str]]]:
    return [(section.kind.value, [line.text for line in section.lines]) for section in parse(text).sections]


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ("Verse 2", "verse"), ("Chorus: powerful", "chorus"), ("Hook", "chorus"), ("Pre-Chorus", "pre-chorus"),
        ("Bridge", "bridge"), ("Intro", "intro"), ("Outro", "outro"), ("Guitar Solo", "break"),
        ("Instrumental", "break"), ("主歌", "verse"), ("副歌", "chorus"), ("导歌", "pre-chorus"), ("桥段", "bridge"),
        ("前奏", "intro"), ("间奏", "break"), ("尾奏", "outro"), ("サビ", "chorus"), ("Aメロ", "verse"),
        ("Bメロ2", "pre-chorus"), ("間奏", "break"), ("大サビ", "chorus"), ("whispered", None),
    ],
)  # fmt: skip
def test_mark_names_its_section(mark: str, kind: str | None) -> None:
    assert section_kind(mark) == kind


def test_marked_lyrics_keep_their_form() -> None:
    text = "[Verse]\nHello world 🎉\n(echo) back\n[Solo]\n[Chorus: loud]\nSing it\n[whispered]\nsoft\n[Chorus]\n[Outro]"
    assert outline(text) == [
        ("verse", ["Hello world", "(echo) back"]),
        ("break", []),
        ("chorus", ["Sing it", "soft"]),
        ("chorus", ["Sing it", "soft"]),
        ("outro", []),
    ]


def test_chinese_marks_may_stand_before_their_line() -> None:
    assert outline("【主歌】\n清晨阳光\n【副歌】难忘的周末\n[间奏]\n继续唱") == [
        ("verse", ["清晨阳光"]),
        ("chorus", ["难忘的周末"]),
        ("break", []),
        ("verse", ["继续唱"]),
    ]


def test_bare_and_markdown_marks_are_marks() -> None:
    assert outline("Verse 1:\nI walk alone\n**Chorus**\nhey ho (x2)") == [
        ("verse", ["I walk alone"]),
        ("chorus", ["hey ho"]),
    ]


def test_stanza_that_comes_again_is_the_chorus() -> None:
    kinds = [kind for kind, _ in outline("one\ntwo\n\nlove me\ndo\n\nthree\nfour\n\nLove me\ndo")]
    assert kinds == ["verse", "chorus", "verse", "chorus"]


def test_text_without_blank_lines_is_cut_into_stanzas() -> None:
    assert [(kind, len(lines)) for kind, lines in outline("\n".join("abcdefgh"))] == [("verse", 4), ("chorus", 4)]


def test_language_is_told_line_by_line() -> None:
    lines = parse("[Verse]\n我爱你\nI love you\n123").sections[0].lines
    assert [line.language for line in lines] == [Language.MANDARIN, Language.ENGLISH, Language.MANDARIN]


def test_long_line_is_broken_at_its_pause() -> None:
    text = "Sing it loud until the morning comes, we will never be alone again"
    assert outline(text) == [("verse", ["Sing it loud until the morning comes,", "we will never be alone again"])]


@pytest.mark.parametrize("word", ["ba" * 2000, "a" * 5000, "ア" * 2000])
def test_a_word_without_an_end_is_broken_like_a_line(word: str) -> None:
    (section,) = parse(word).sections
    assert max(len(line.syllables) for line in section.lines) < 28
    assert "".join(line.text for line in section.lines) == word


def test_the_longest_words_are_whole() -> None:
    word = "supercalifragilisticexpialidocious"
    assert [line.text for line in parse(word).sections[0].lines] == [word]


def test_japanese_lines_are_longer_and_broken_between_words() -> None:
    text = "夜明けの街をひとり歩いて君の名前を小さく呼んだ\n眠れない夜は海へ行こうと思う"
    assert outline(text) == [
        ("verse", ["夜明けの街をひとり歩いて", "君の名前を小さく呼んだ", "眠れない夜は海へ行こうと思う"])
    ]


@pytest.mark.parametrize(
    ("text", "hook"),
    [("[Verse]\na b\n[Chorus]\nstay\nhold on\nhold on", "hold on"), ("[Verse]\nonly this", "only this"), ("", "")],
)
def test_hook_is_the_chorus_line_sung_most(text: str, hook: str) -> None:
    assert hook_line(parse(text)) == hook


@given(text=st.lists(st.one_of(st.text(max_size=30), MARKS), max_size=12).map("\n".join))
@settings(max_examples=150, deadline=None)
def test_nothing_that_people_paste_raises(text: str) -> None:
    lyrics = parse(text)
    assert lyrics.text == text
    for section in lyrics.sections:
        assert section.lines or section.kind in {SectionKind.INTRO, SectionKind.BREAK, SectionKind.OUTRO}
        for line in section.lines:
            inner_ends = sum(s.ends_word for s in line.syllables[:-1])
            assert line.syllables
            assert len(line.syllables) <= LONGEST_LINE_SYLLABLES or not inner_ends
