"""What rhymes, and how long a phrase is."""

import pytest

from tutti.engines.song.model import Language
from tutti.engines.song.writer.measure import rhymes, syllable_count

ENGLISH, MANDARIN = Language.ENGLISH, Language.MANDARIN


@pytest.mark.parametrize(
    ("first", "second", "language", "is_rhyme"),
    [
        ("in the morning light", "through the night", ENGLISH, True),
        ("down the avenue", "I believe in you", ENGLISH, True),
        ("whatever the weather", "always together", ENGLISH, True),
        ("on the shore", "by the door", ENGLISH, True),
        ("on the shore", "in the rain", ENGLISH, False),
        ("the evening", "the singing", ENGLISH, False),
        ("in the night", "tonight", ENGLISH, False),
        ("love", "love", ENGLISH, False),
        ("看着月光", "走向远方", MANDARIN, True),
        ("在身边", "好孤单", MANDARIN, True),
        ("做一个梦", "听一听", MANDARIN, True),
        ("看着月光", "等你来", MANDARIN, False),
        ("花开了", "走了", MANDARIN, False),
    ],
)
def test_rhyme_is_heard_from_the_last_stress_on(first: str, second: str, language: Language, *, is_rhyme: bool) -> None:
    assert rhymes(first, second, language) is is_rhyme


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [("everything is beautiful", ENGLISH, 7), ("夏天 的海边", MANDARIN, 5), ("…", ENGLISH, 0)],
)
def test_syllables_are_counted(text: str, language: Language, count: int) -> None:
    assert syllable_count(text, language) == count
