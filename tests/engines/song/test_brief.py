"""What the caller's words ask for."""

import pytest

from tutti.engines.song.brief import read_brief, shorten_title
from tutti.engines.song.keys import read_key
from tutti.engines.song.model import Gender, Language
from tutti.intents import ClipSeat, Song, SongWishes

NO_WISHES = SongWishes()
SEATS = (ClipSeat(clip_id="clip", seed=1),)


def song(
    tags: str = "",
    description: str = "",
    lyrics: str | None = None,
    title: str = "",
    *,
    wishes: SongWishes = NO_WISHES,
) -> Song:
    return Song(seats=SEATS, tags=tags, description=description, lyrics=lyrics, title=title, wishes=wishes)


@pytest.mark.parametrize(
    ("tags", "genre", "second"),
    [
        ("emotional punk", "punk", ""),
        ("lo-fi jazz hop with female vocal", "lofi", "jazz"),
        ("pop punk, female voice", "punk", ""),
        ("slow rock ballad", "ballad", "rock"),
        ("folk rock", "rock", "folk"),
        ("Electronic dance", "edm", ""),
        ("lo-fi hip hop", "lofi", ""),
        ("smooth jazz", "jazz", ""),
        ("neo soul", "soul", ""),
        ("indie pop, rock", "indie", "rock"),
        ("heavy metal", "metal", ""),
        ("heavy metal with orchestra", "metal", "orchestral"),
        ("r&b", "rnb", ""),
        ("trap soul", "rnb", "trap"),
        ("jazz rap", "hip-hop", "jazz"),
        ("latin house", "house", "salsa"),
        ("electro swing", "jazz", "edm"),
        ("drum and bass", "drum-and-bass", ""),
        ("80s synth pop", "synthwave", ""),
        ("japanese city pop", "city-pop", ""),
        ("tropical house", "house", ""),
        ("bossa nova", "bossa", ""),
        ("UK drill", "trap", ""),
        ("irish sea shanty", "celtic", ""),
        ("christmas carol", "christmas", ""),
        ("country pop", "country", ""),
        ("future bass, anime", "future-bass", ""),
        ("gospel choir", "gospel", ""),
        ("deep dubstep", "dubstep", ""),
        ("amapiano", "afrobeat", ""),
        ("ska punk", "ska", "punk"),
        ("nursery rhyme", "children", ""),
        ("cinematic orchestral", "orchestral", ""),
        ("vaporwave", "synthwave", ""),
        ("中国风，女声", "chinese-style", ""),
        ("中国风说唱", "hip-hop", "chinese-style"),
        ("欢快的民谣", "folk", ""),
        ("抒情摇滚", "ballad", "rock"),
        ("独立摇滚", "indie", ""),
        ("爵士钢琴", "jazz", ""),
        ("电子舞曲", "edm", ""),
        ("流行朋克", "punk", ""),
        ("重金属", "metal", ""),
        ("儿歌，童声", "children", ""),
        ("雷鬼顿", "reggaeton", ""),
        ("城市流行", "city-pop", ""),
        ("圣诞歌", "christmas", ""),
        ("圆舞曲", "waltz", ""),
        ("史诗交响", "orchestral", ""),
    ],
)
def test_the_last_genre_of_the_first_phrase_leads_and_another_lends(tags: str, genre: str, second: str) -> None:
    brief = read_brief(song(tags), 0)
    assert (brief.genre, brief.palette.second) == (genre, second)


def test_words_inside_other_words_name_no_genre() -> None:
    assert len({read_brief(song("poppy fields"), seed).genre for seed in range(6)}) > 1


@pytest.mark.parametrize(
    ("tags", "wanted", "unwanted"),
    [
        ("pop with piano", ("piano",), ()),
        ("rock, strings", ("strings",), ()),
        ("pop, no drums", (), ("drums",)),
        ("folk without electric guitar", (), ("electric-guitar",)),
        ("no drums but strings", ("strings",), ("drums",)),
        ("drum and bass", (), ()),
        ("pop, sax solo, accordion", ("saxophone", "accordion"), ()),
        ("民谣，不要鼓", (), ("drums",)),
        ("无鼓 民谣 口琴", ("harmonica",), ("drums",)),
        ("古风，古筝，二胡", ("guzheng", "erhu"), ()),
        ("acoustic guitar", ("acoustic-guitar",), ()),
        ("没有吉他 但有钢琴的流行", ("piano",), ("guitar",)),
    ],
)
def test_instruments_are_asked_for_and_refused(tags: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> None:
    palette = read_brief(song(tags), 0).palette
    assert (palette.wanted, palette.unwanted) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("tags", "era", "metre"),
    [
        ("80s pop", "80s", ""),
        ("70年代 迪斯科", "70s", ""),
        ("九十年代 流行", "90s", ""),
        ("pop, unplugged", "unplugged", ""),
        ("waltz", "", "3/4"),
        ("ballad in 6/8", "", "6/8"),
        ("50s doo-wop", "50s", ""),
    ],
)
def test_eras_and_metres_are_read(tags: str, era: str, metre: str) -> None:
    palette = read_brief(song(tags), 0).palette
    assert (palette.era, palette.metre) == (era, metre)


@pytest.mark.parametrize(
    ("tags", "negative", "genre"),
    [
        ("rock, pop", "rock", "pop"),
        ("folk", "folk", None),
        ("metal, no rock", "", "metal"),
        ("摇滚，民谣", "摇滚", "folk"),
    ],
)
def test_negative_tags_take_genres_out(tags: str, negative: str, genre: str | None) -> None:
    read = {read_brief(song(tags, wishes=SongWishes(negative_tags=negative)), seed).genre for seed in range(8)}
    assert read == {genre} if genre else "folk" not in read


def test_negative_tags_take_moods_instruments_and_voices_out() -> None:
    wishes = SongWishes(negative_tags="sad, piano, drums, male vocals, soft voice")
    brief = read_brief(song("sad, hopeful pop with piano, soft voice", wishes=wishes), 0)
    assert brief.moods == ("hopeful",)
    assert brief.palette.wanted == ()
    assert set(brief.palette.unwanted) == {"piano", "drums"}
    assert brief.gender is Gender.FEMALE
    assert "soft" not in brief.voice_colours


def test_refusing_vocals_asks_for_an_instrumental() -> None:
    assert read_brief(song("pop", wishes=SongWishes(negative_tags="vocals, drums")), 0).instrumental
    assert not read_brief(song("pop", wishes=SongWishes(negative_tags="male vocals")), 0).instrumental


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("pop in C# minor", (1, "minor")),
        ("A minor ballad", (9, "minor")),
        ("降 C大调", (0, "major")),
        ("F#小调", (6, "minor")),
        ("Bb major", (10, "major")),
        ("in a minor key", (9, "minor")),
        ("小调", (None, "minor")),
        ("a girl and a boy", (None, None)),
    ],
)
def test_keys_are_read_from_words(words: str, key: tuple[int | None, str | None]) -> None:
    brief = read_brief(song(words), 0)
    assert (brief.tonic, brief.mode) == key


def test_wishes_go_before_words() -> None:
    wishes = SongWishes(bpm=133.0, key="Ebm", vocal_gender="m")
    brief = read_brief(song("pop, 90 bpm, in C major, female voice", wishes=wishes), 0)
    assert (brief.bpm, brief.tonic, brief.mode, brief.gender) == (133.0, 3, "minor", Gender.MALE)


@pytest.mark.parametrize(
    ("text", "key"),
    [("Am", (9, "minor")), (" C ", (0, "major")), ("B flat major", (10, "major")), ("H", None), ("", None)],
)
def test_read_key_reads_what_musicians_write(text: str, key: tuple[int, str] | None) -> None:
    assert read_key(text) == key


def test_genre_left_open_follows_the_mood() -> None:
    assert {read_brief(song("angry"), seed).genre for seed in range(30)} == {"punk", "rock", "metal"}


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
        (song(tags="j-pop", lyrics="[Verse]\n夜の街"), Language.JAPANESE),
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
        (song(lyrics="[Verse]\n夜明けの街をひとり歩いた"), "夜明けの街をひとり"),
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
