import pytest

from tests.engines.song.singer.music import LETTERS, line, score, syllable
from tutti.engines.song.singer.phrases import line_phrases
from tutti.engines.song.singer.tokens import Role, phrase_tokens


def letters_of(*sung):
    written = line(*sung)
    (phrase,) = line_phrases(written, score(written))
    return phrase_tokens(phrase, LETTERS)


@pytest.mark.parametrize(
    ("words", "beats", "expected"),
    [
        (syllable("stɹ", "i", "t", stress=1), 1, "stɹˈit"),
        (syllable("l", "I", "t", stress=1), 0.5, "lˈIt"),
        (syllable("l", "I", "t", stress=1), 1, "lˈaɪt"),
        (syllable("ɕj", "a", "ŋ", tone=1, stress=1), 1, "ɕja→ŋ"),
        (syllable("m", "a", "", tone=5), 1, "ma"),
        (syllable("?b", "?", "?"), 1, "bə"),
        (syllable("", "", "m"), 1, "əm"),
    ],
)
def test_tokens_of_a_syllable(words, beats, expected):
    assert "".join(token.letter for token in letters_of((words, [(0, beats, 60)]))) == expected


def test_tokens_have_one_pause_between_words():
    first, second = syllable("n", "i", stress=1), syllable("", "ɑ", "n", starts_word=False)
    tokens = letters_of((first, [(0, 1, 60)]), (second, [(1, 1, 60)]), (first, [(2, 1, 60)]))
    assert "".join(token.letter for token in tokens) == "nˈiɑn nˈi"
    assert [token.syllable for token in tokens] == [0, 0, 0, 1, 1, 2, 2, 2, 2]
    assert tokens[5].role is Role.PAUSE
