"""The catalogue's own custom example as a song."""

import json
from pathlib import Path

import pytest

from tutti.engines.song.model import Language, SectionKind
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose
from tutti.engines.song.words import settle_words
from tutti.errors import InvalidRequestError
from tutti.intents import ClipSeat, Song

_EXAMPLE = json.loads((Path(__file__).parents[2] / "data" / "suno" / "custom.json").read_text("utf-8"))


@pytest.mark.parametrize("seed", range(8))
def test_catalogue_example_is_long_enough_for_its_continuation(seed):
    """The third example goes on from a second of this song that must lie in it."""
    song = Song(
        seats=(ClipSeat(clip_id="a", seed=seed),),
        lyrics=_EXAMPLE["prompt"],
        title=_EXAMPLE["title"],
        tags=_EXAMPLE["tags"],
        longest_s=120.0,
    )
    brief, lyrics = settle_words(song, seed=seed, words_seed=seed)
    plan = make_plan(brief, lyrics, seed, longest_s=song.longest_s)
    assert brief.genre == "punk"
    assert 90 <= compose(plan, lyrics, seed).duration_s <= song.longest_s


def test_clips_of_one_song_sing_the_same_written_words():
    song = Song(seats=(), description="a rainy market street at dusk, hopeful")
    (one, first), (two, second) = (settle_words(song, seed=seed, words_seed=1) for seed in (1, 2))
    assert first.text == second.text
    assert one.title == two.title


@pytest.mark.parametrize("lyrics", ["[Verse]\nสวัสดีชาวโลก", "[Verse]\n나는 오늘 밤에", "Привет, мир"])
def test_words_in_a_language_that_is_not_sung_are_refused(lyrics):
    with pytest.raises(InvalidRequestError, match="sung in English, Mandarin and Japanese"):
        settle_words(Song(seats=(), lyrics=lyrics), seed=1, words_seed=1)


def test_a_word_of_another_language_is_passed_over():
    _, lyrics = settle_words(Song(seats=(), lyrics="[Verse]\nGoodbye my love, мир, goodbye\n"), seed=1, words_seed=1)
    assert [line.text for section in lyrics.sections for line in section.lines] == ["Goodbye my love, мир, goodbye"]


def test_a_song_in_japanese_is_sung_line_by_line():
    brief, lyrics = settle_words(
        Song(seats=(), lyrics="[サビ]\n夜の街を歩く\n東京百景\nOne more time"), seed=1, words_seed=1
    )
    assert brief.language is Language.JAPANESE
    (chorus,) = lyrics.sections
    assert chorus.kind is SectionKind.CHORUS
    assert [line.language for line in chorus.lines] == [Language.JAPANESE, Language.JAPANESE, Language.ENGLISH]


@pytest.mark.parametrize(("wish", "language"), [("夏の海の歌", Language.MANDARIN), ("うみのうた", Language.ENGLISH)])
def test_words_wished_for_in_japanese_are_written_in_another_language(wish, language):
    brief, lyrics = settle_words(Song(seats=(), description=wish), seed=1, words_seed=1)
    assert brief.language is language
    assert all(line.language is language for section in lyrics.sections for line in section.lines)
