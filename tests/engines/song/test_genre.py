import itertools
from pathlib import Path

import pytest

from tutti.engines.song.band.arrange import PLAYERS
from tutti.engines.song.band.drums import fills, grooves
from tutti.engines.song.blend import COLUMNS
from tutti.engines.song.desk import DESKS, find_channel
from tutti.engines.song.drums.kits import KITS
from tutti.engines.song.drums.percussion import PERCUSSION
from tutti.engines.song.genre import genre, genre_name, genres, progressions
from tutti.engines.song.harmony import progression
from tutti.engines.song.metre import patterns_in
from tutti.engines.song.model import SectionKind
from tutti.engines.song.tables import table

_NAMES = sorted(genres())
_SUNG = (SectionKind.VERSE, SectionKind.PRE_CHORUS, SectionKind.CHORUS, SectionKind.BRIDGE)
_TURNS = {"fill", "stop", "roll", "riser", "reverse", "impact", "none"}
_INTROS = {"plain", "full", "enter", "solo", "riff", "drums", "filter"}
_ENDINGS = {"ring", "stop", "tag", "fade"}
_LETTERS = {"bass": "R358L", "arpeggio": "0123456789"}
# What a player can reach, by manner: MIDI notes of the middle of its range.
_CENTRES = {"bass": (28, 44), "power": (44, 64)}


def test_genres_holds_every_genre_that_briefs_name():
    brief = table("tutti.engines.song", "brief")
    named = {name for names in brief["genres_by_mood"].values() for name in names.split("|")}
    assert set(brief["genres"]) == set(_NAMES)
    assert named | set(brief["lenders"]) <= set(_NAMES)
    assert len(_NAMES) >= 30


@pytest.mark.parametrize("name", _NAMES)
def test_genre_rows_refer_only_to_what_exists(name):
    row = genre(name)
    assert set(row.grooves) <= set(grooves())
    assert row.fills in fills()
    assert row.drum_kit in KITS
    assert row.delivery in {"sung", "rap"}
    assert row.scale in {"diatonic", "pentatonic"}
    assert set(row.lends) <= {"drums", "tempo", "harmony"} | COLUMNS | {chair.name for chair in row.chairs}
    assert {word for turn in row.turns for word in turn.split()} <= _TURNS
    assert set(row.intros) <= _INTROS
    assert set(row.endings) <= _ENDINGS


@pytest.mark.parametrize("name", _NAMES)
def test_genre_layouts_are_such_as_songs_have(name):
    layout = genre(name).layout
    assert layout.breaks in {"last", "chorus", "never"}
    assert all(bars in range(1, 17) for bars in (layout.intro_bars, layout.outro_bars, layout.break_bars))
    # A bossa comes home to its verse.
    assert layout.body[-1] in {SectionKind.CHORUS, SectionKind.VERSE}
    assert not {SectionKind.INTRO, SectionKind.OUTRO} & set(layout.body)


@pytest.mark.parametrize("name", _NAMES)
def test_genre_rows_stay_within_what_can_be_played(name):
    row = genre(name)
    assert 40 <= row.bpm[0] < row.bpm[1] <= 200
    assert set(row.meters) <= {3, 4}
    assert 0 <= row.swing < 0.25
    assert 0 <= row.shuffle < 0.25
    assert 0 <= row.minor <= 1
    assert set(row.keys) <= set(range(12))
    assert len({chair.name for chair in row.chairs}) == len(row.chairs)
    for chair in row.chairs:
        assert chair.play in PLAYERS
        low, high = _CENTRES.get(chair.play, (52, 79))
        assert low <= chair.centre <= high, chair.name
        assert 40 <= chair.velocity <= 110
        assert set(chair.programs) <= set(range(128))


@pytest.mark.parametrize("name", _NAMES)
def test_genre_patterns_fill_whole_bars_with_letters_of_their_manner(name):
    row = genre(name)
    slots = row.meters[0] * 4
    assert {len(accents) for accents in row.accents} == {16}
    for chair in row.chairs:
        letters = set(_LETTERS.get(chair.play, "xXm")) | {".", "_"}
        for pattern in (chair.calm, chair.full):
            assert not len(pattern) % slots or chair.play in {"pad", "counter"}, (chair.name, pattern)
            assert set(pattern) <= letters


@pytest.mark.parametrize("name", _NAMES)
def test_every_genre_has_a_layer_for_the_last_chorus(name):
    assert any(chair.is_lift for chair in genre(name).chairs)


@pytest.mark.parametrize("name", _NAMES)
def test_every_genre_has_three_progressions_or_more_for_each_passage(name):
    for mode, kind in itertools.product(("major", "minor"), _SUNG):
        assert len(genre(name).progressions(mode, kind)) >= 3, (mode, kind)


@pytest.mark.parametrize("pool", progressions())
def test_progressions_fill_their_bars(pool):
    for mode, kind, beats_per_bar in itertools.product(("major", "minor"), _SUNG, (3, 4)):
        for text in progressions()[pool][mode][kind]:
            chords = progression(text, bars=7, tonic=2, mode=mode, beats_per_bar=beats_per_bar)
            assert sum(chord.beats for chord in chords) == 7 * beats_per_bar


def test_grooves_fill_whole_bars_with_drums_that_exist():
    for name, groove in grooves().items():
        slots = 16 if groove.metre == "4/4" else 12
        for level in (groove.calm, groove.walking, groove.full, groove.lift):
            assert level, name
            for drum, pattern in level.items():
                assert drum in PERCUSSION
                assert not len(pattern) % slots, (name, drum)
                assert set(pattern) <= set("xXort._"), (name, drum)


def test_grooves_grow_with_the_energy():
    def strokes(level: dict[str, str]) -> float:
        return sum(sum(letter in "xXort" for letter in text) / len(text) for text in level.values())

    for name, groove in grooves().items():
        assert strokes(groove.calm) < strokes(groove.full), name


def test_every_groove_and_kit_has_a_genre():
    rows = genres().values()
    assert set(grooves()) - {"six-eight"} == {name for row in rows for name in row.grooves}
    assert {row.fills for row in rows} == set(fills())


@pytest.mark.parametrize("metre", ["4/4", "3/4", "6/8"])
def test_every_metre_has_patterns_for_the_manners_that_need_them(metre):
    for play in set(PLAYERS) - {"pad", "counter"}:
        patterns = patterns_in(metre, play)
        assert patterns is not None
        assert {len(patterns.calm), len(patterns.full)} == {16 if metre == "4/4" else 12}


def test_every_genre_has_a_desk_and_every_chair_a_channel():
    assert set(DESKS) == set(_NAMES)
    nowhere = find_channel("zither")
    assert {
        chair.name for row in genres().values() for chair in row.chairs if find_channel(chair.name) is nowhere
    } == set()


def test_the_reference_names_every_genre():
    text = Path("docs/reference/suno.md").read_text(encoding="utf-8")
    told = text.split("Genres known are ")[1].split(";")[0].replace(" and ", ", ")
    assert sorted(told.replace("\n", " ").split(", ")) == _NAMES


@pytest.mark.parametrize(
    ("wanted", "name"), [("punk", "punk"), (" Jazz ", "jazz"), ("emo", "punk"), ("polka", "pop"), ("", "pop")]
)
def test_genre_name_finds_the_nearest(wanted, name):
    assert genre_name(wanted) == name
