"""English words and numbers as sung syllables."""

import pytest

from tutti.engines.song.model import Syllable
from tutti.engines.song.phonemes import english_line
from tutti.engines.song.phonemes.english import english_word
from tutti.engines.song.phonemes.lexicon import pronounce
from tutti.engines.song.phonemes.numbers import in_words
from tutti.engines.song.phonemes.spelling import spread


def sound(syllable: Syllable) -> str:
    return "".join((*syllable.onset, *syllable.nucleus, *syllable.coda))


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("street", ["stɹit"]),
        ("wonderful", ["wʌn", "dəɹ", "fəl"]),
        ("little", ["lɪ", "ɾəl"]),
        ("button", ["bʌ", "tən"]),
        ("extra", ["ɛk", "stɹə"]),
        ("singing", ["sɪŋ", "ɪŋ"]),
        ("gonna", ["ɡʌ", "nə"]),
        ("'cause", ["kʌz"]),
        ("don’t", ["dOnt"]),
        ("dancin'", ["dæn", "sɪn"]),
        ("our", ["ɑɹ"]),
        ("DJ", ["di", "ʤA"]),
    ],
)
def test_word_is_cut_before_the_longest_possible_onset(word: str, syllables: list[str]) -> None:
    assert [sound(s) for s in english_word(word)] == syllables


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("whispers'", "wˈɪspəɹz"),
        ("Zoomers", "zˈuməɹz"),
        ("starlit", "stˈɑɹlˌɪt"),
        ("blake's", "blˈAks"),
        ("gloxified", pronounce("gloxified")),
    ],
)
def test_word_outside_the_dictionary_is_read_by_its_parts(word: str, reading: str) -> None:
    assert pronounce(word) == reading
    assert "ˈ" in reading


def test_function_words_weigh_nothing_inside_a_line_and_something_at_its_end() -> None:
    inside = english_line("you and the night")
    assert [s.stress for s in inside] == [0, 0, 0, 1]
    assert [s.stress for s in english_line("the night and you")] == [0, 1, 0, 1]


def test_word_borders_stand_at_first_and_last_syllables() -> None:
    line = english_line("yesterday alone")
    assert [s.starts_word for s in line] == [True, False, False, True, False]
    assert [s.ends_word for s in line] == [False, False, True, False, True]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("7", "seven"),
        ("42", "forty two"),
        ("1999", "nineteen ninety nine"),
        ("1905", "nineteen oh five"),
        ("2000", "two thousand"),
        ("2024", "twenty twenty four"),
        ("1,234", "one thousand two hundred thirty four"),
        ("3.14", "three point one four"),
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("$5.50", "five fifty"),
        ("100%", "one hundred percent"),
        ("21st", "twenty first"),
        ("12th", "twelfth"),
        ("20th", "twentieth"),
        ("80s", "eighties"),
        ("10:30", "ten thirty"),
        ("9:05", "nine oh five"),
        ("007", "zero zero seven"),
        ("1000000", "one million"),
    ],
)
def test_number_is_read_as_people_say_it(written: str, words: str) -> None:
    assert in_words(written) == words


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("wonderful", ("won", "der", "ful")),
        ("something", ("some", "thing")),
        ("together", ("to", "ge", "ther")),
        ("little", ("lit", "tle")),
        ("radio", ("ra", "di", "o")),
        ("memories", ("me", "mo", "ries")),
        ("2000", ("20", "00")),
        ("x", ("x",)),
    ],
)
def test_spelling_is_cut_where_a_reader_expects(word: str, pieces: tuple[str, ...]) -> None:
    assert spread(word, len(pieces)) == pieces
