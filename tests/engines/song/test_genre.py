import itertools

import pytest

from tutti.engines.song.band.arrange import PLAYERS
from tutti.engines.song.band.drums import grooves
from tutti.engines.song.genre import genre, genre_name, genres
from tutti.engines.song.harmony import progression
from tutti.engines.song.model import SectionKind

_NAMES = sorted(genres())


def test_genres_holds_every_genre_that_briefs_name():
    wanted = {"pop", "rock", "punk", "ballad", "edm", "chinese-style", "folk", "hip-hop", "jazz", "rnb"}
    assert wanted == set(_NAMES)


@pytest.mark.parametrize("name", _NAMES)
def test_genre_rows_refer_only_to_what_exists(name):
    row = genre(name)
    assert set(row.grooves) <= set(grooves())
    assert {chair.play for chair in row.chairs} <= set(PLAYERS)
    assert len({chair.name for chair in row.chairs}) == len(row.chairs)
    assert 40 <= row.bpm[0] <= row.bpm[1] <= 200


@pytest.mark.parametrize("name", _NAMES)
def test_genre_patterns_have_sixteen_slots(name):
    row = genre(name)
    patterns = [*row.accents, *(pattern for chair in row.chairs for pattern in (chair.calm, chair.full))]
    assert {len(pattern) for pattern in patterns} == {16}


@pytest.mark.parametrize("name", _NAMES)
def test_progressions_fill_their_bars(name):
    for mode, kind, beats_per_bar in itertools.product(("major", "minor"), SectionKind, (3, 4)):
        for text in genre(name).progressions(mode, kind):
            chords = progression(text, bars=7, tonic=2, mode=mode, beats_per_bar=beats_per_bar)
            assert sum(chord.beats for chord in chords) == 7 * beats_per_bar


def test_grooves_have_a_whole_bar_of_slots():
    for name, groove in grooves().items():
        slots = 12 if name == "waltz" else 16
        lengths = {len(row) for level in (groove.calm, groove.walking, groove.full) for row in level.values()}
        assert lengths == {slots}, name


@pytest.mark.parametrize(
    ("wanted", "name"), [("punk", "punk"), (" Jazz ", "jazz"), ("metal", "rock"), ("polka", "pop"), ("", "pop")]
)
def test_genre_name_finds_the_nearest(wanted, name):
    assert genre_name(wanted) == name
