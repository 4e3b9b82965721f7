"""What the caller's words ask for."""

import pytest

from tutti.engines.song.brief import read_brief, shorten_title
from tutti.engines.song.model import Gender, Language
from tutti.intents import ClipSeat, Song

SEATS = (ClipSeat(clip_id="clip", seed=1),)


def song(tags: str = "", description: str = "", lyrics: str | None = None, title: str = "") -> Song:
    return Song(seats=SEATS, tags=tags, description=description, lyrics=lyrics, title=title)


@pytest.mark.parametrize(
    ("tags", "genre"),
    [
        ("emotional punk", "punk"),
        ("pop punk, female voice", "punk"),
        ("slow rock ballad", "ballad"),
        ("folk rock", "rock"),
        ("Electronic dance", "edm"),
        ("中国风，女声", "chinese-style"),
        ("欢快的民谣", "folk"),
        ("lo-fi hip hop", "hip-hop"),
        ("smooth jazz", "jazz"),
        ("neo soul", "rnb"),
        ("indie pop, rock", "pop"),
        ("heavy metal", "rock"),
        ("r&b", "rnb"),
        ("poppy fields", None),
    ],
)
def test_genre_is_the_last_one_named_in_the_first_phrase(tags: str, genre: str | None) -> None:
    read = {read_brief(song(tags), seed).genre for seed in range(6)}
    assert read == {genre} if genre else len(read) > 1


def test_genre_left_open_follows_the_mood() -> None:
    assert {read_brief(song("angry"), seed).genre for seed in range(20)} == {"punk", "rock"}


@pytest.mark.parametrize(
    ("words", "bpm"),
    [
        ("pop, 120 bpm", 120.0),
        ("BPM: 96", 96.0),
        ("very slow ballad", 60.0),
        ("slow", 74.0),
        ("快歌", 148.0),
        ("快乐的歌", None),
        ("9999 bpm", None),
        ("pop", None),
    ],
)
def test_tempo_is_read_from_numbers_and_words(words: str, bpm: float | None) -> None:
    assert read_brief(song(words), 0).bpm == bpm


@pytest.mark.parametrize(
    ("words", "gender"),
    [
        ("female voice", Gender.FEMALE),
        ("male vocals", Gender.MALE),
        ("男声", Gender.MALE),
        ("女声", Gender.FEMALE),
        ("pop", None),
    ],
)
def test_gender_is_read(words: str, gender: Gender | None) -> None:
    assert read_brief(song(words), 0).gender == gender


def test_moods_and_voice_colours_are_read_in_order() -> None:
    brief = read_brief(song("dark, hopeful, soft female voice"), 0)
    assert brief.moods == ("dark", "hopeful")
    assert brief.voice_colours == ("dark", "soft")


@pytest.mark.parametrize(
    ("request_", "language"),
    [
        (song(description="一首关于夏天海边的快乐歌曲"), Language.MANDARIN),
        (song(description="a Chinese song about rain"), Language.MANDARIN),
        (song(description="写一首英文歌"), Language.ENGLISH),
        (song(tags="中国风", lyrics="hello my friend"), Language.ENGLISH),
        (song(tags="pop", lyrics="[Verse]\n你好"), Language.MANDARIN),
        (song(description="ein Lied auf Deutsch"), Language.ENGLISH),
    ],
)
def test_language_is_the_lyrics_own_or_the_one_asked_for(request_: Song, language: Language) -> None:
    assert read_brief(request_, 0).language is language


@pytest.mark.parametrize(
    ("request_", "is_instrumental"),
    [
        (song(tags="pop", lyrics=""), True),
        (song(description="instrumental piano music"), True),
        (song(description="轻快的纯音乐"), True),
        (song(tags="instrumental", lyrics="sing this"), False),
        (song(tags="pop"), False),
    ],
)
def test_instrumental_is_told(request_: Song, *, is_instrumental: bool) -> None:
    assert read_brief(request_, 0).instrumental is is_instrumental


@pytest.mark.parametrize(
    ("request_", "title"),
    [
        (song(title="  My   Song "), "My Song"),
        (song(lyrics="[Chorus]\nCity lights, you set me free"), "City Lights"),
        (song(lyrics="[Verse]\n清晨阳光照进我的窗"), "清晨阳光照进我的窗"),
        (song(description="a quiet river at dawn", lyrics=""), "A Quiet River at Dawn"),
        (song(description="a song about rain"), ""),
    ],
)
def test_title_is_found_or_left_to_the_writer(request_: Song, title: str) -> None:
    assert read_brief(request_, 0).title == title


def test_shortened_title_ends_on_a_full_word() -> None:
    assert shorten_title("walking down the road with all of the others") == "Walking down the Road with All".replace(
        "down", "Down"
    )


def test_song_without_style_words_is_told_by_the_genre_it_became():
    brief = read_brief(Song(seats=(), lyrics="[Verse]\nLanterns drift along the quay"), 3)
    assert brief.style == ", ".join((brief.genre, *brief.moods))
    assert read_brief(Song(seats=(), lyrics="la", tags=" lo-fi,  warm "), 3).style == "lo-fi, warm"
