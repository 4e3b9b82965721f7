"""Whole songs of words: rhymed, measured, never the same twice in one song."""

import re

import pytest

from tutti.engines.song.lyrics import parse
from tutti.engines.song.model import Brief, Language
from tutti.engines.song.tables import table
from tutti.engines.song.writer import write_lyrics
from tutti.engines.song.writer.measure import rhyme_of, rhymes, syllable_count

ENGLISH, MANDARIN = Language.ENGLISH, Language.MANDARIN
THEMES = [
    "",
    "rain in the city",
    "the sea in summer",
    "goodbye my love",
    "rise and fight",
    "Christmas with my family",
    "春天的花",
    "摇滚叛逆",
]
MOODS = [(), ("sad",), ("happy",), ("angry",)]


def brief(language: Language, seed: int) -> Brief:
    theme = THEMES[seed % len(THEMES)]
    return Brief(genre="pop", language=language, theme=theme, moods=MOODS[seed // len(THEMES) % len(MOODS)])


def stanzas(text: str) -> dict[str, list[str]]:
    """Lines by mark; repeated sections are the same and counted once."""
    blocks = (block.split("\n") for block in text.strip().split("\n\n"))
    return {mark[1:-1]: lines for mark, *lines in blocks}


def rhyming_pairs(lines: list[str], language: Language) -> int:
    return sum(rhymes(a, b, language) for n, a in enumerate(lines) for b in lines[n + 1 :])


@pytest.mark.parametrize("language", [ENGLISH, MANDARIN])
@pytest.mark.parametrize("part", range(4))
def test_songs_rhyme_and_keep_their_measure(language: Language, part: int) -> None:
    for seed in range(part * 50, part * 50 + 50):
        _, text = write_lyrics(brief(language, seed), seed, longest_s=240)
        sections = stanzas(text)
        for mark in ("Verse 1", "Verse 2", "Bridge"):
            lines = sections[mark]
            assert len(lines) == 4
            assert len({syllable_count(line, language) for line in lines}) == 1, lines
            assert rhyming_pairs(lines, language) >= (1 if language is ENGLISH else 3), lines
        hook, first, again, second = sections["Chorus"]
        assert hook == again
        assert rhymes(first, second, language), (first, second)
        assert syllable_count(first, language) == syllable_count(second, language)
        if language is MANDARIN:
            assert rhyme_of(hook, language) == rhyme_of(first, language)
        sung = [line for mark, lines in sections.items() if mark != "Outro" for line in lines if line != hook]
        assert len(set(sung)) == len(sung)


@pytest.mark.parametrize("language", [ENGLISH, MANDARIN])
def test_same_seed_is_the_same_song_and_another_seed_another(language: Language) -> None:
    songs = [write_lyrics(brief(language, 0), seed, longest_s=240)[1] for seed in range(20)]
    assert songs[3] == write_lyrics(brief(language, 0), 3, longest_s=240)[1]
    for n, song in enumerate(songs):
        for other in songs[n + 1 :]:
            mine, theirs = set(song.split("\n")), set(other.split("\n"))
            assert len(mine & theirs) < len(mine) / 2


@pytest.mark.parametrize("language", [ENGLISH, MANDARIN])
@pytest.mark.parametrize(("longest_s", "sections"), [(30, 2), (80, 4), (240, 7)])
def test_form_follows_the_length(language: Language, longest_s: float, sections: int) -> None:
    _, text = write_lyrics(brief(language, 1), 1, longest_s=longest_s)
    assert len(parse(text).sections) == sections


def test_callers_words_are_sung() -> None:
    wish = Brief(genre="pop", theme="a rainy market street at dusk, hopeful", moods=("hopeful",))
    for seed in range(20):
        title, text = write_lyrics(wish, seed, longest_s=240)
        assert title == "Rainy Market Street"
        assert "the rainy market street" in text
        assert "at dusk" in text.lower()


def test_chinese_subject_is_sung() -> None:
    wish = Brief(genre="pop", language=MANDARIN, theme="一首关于夏天海边的快乐歌曲", moods=("happy",))
    title, text = write_lyrics(wish, 5, longest_s=240)
    assert title == "夏天海边"
    assert re.search(r"海|浪|沙", text.replace(title, ""))


def test_title_given_is_kept_and_sung() -> None:
    title, text = write_lyrics(Brief(genre="punk", title="Burning Bridges"), 2, longest_s=240)
    assert title == "Burning Bridges"
    assert "Burning Bridges, " in text


@pytest.mark.parametrize("title", ["fuck this town", "!!!", "🎉", "一" * 40])
def test_title_that_cannot_be_sung_is_kept_but_not_sung(title: str) -> None:
    kept, text = write_lyrics(Brief(genre="pop", title=title, theme="shit happens, fucking rain"), 2, longest_s=240)
    assert kept == title
    assert title not in text
    assert not re.search("fuck|shit", text)


@pytest.mark.parametrize("language", [ENGLISH, MANDARIN])
def test_every_theme_has_a_full_lexicon(language: Language) -> None:
    words = table("tutti.engines.song.writer", "english" if language is ENGLISH else "mandarin")
    themes = set(table("tutti.engines.song.writer", "themes")) - {"ignored"}
    assert set(words["theme"]) == themes
    assert len(themes) >= 10
    for theme in themes:
        rows = words["theme"][theme]
        assert len(rows["titles"]) >= 5
        assert len(rows["images"]) >= 12
        assert all(rhyme_of(place, language) for place in rows["places"])
        for kind in ("titles", "images", "places"):
            assert len(set(rows[kind])) == len(rows[kind]), (theme, kind)
