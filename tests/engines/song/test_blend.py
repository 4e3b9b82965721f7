import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.song.composed import song
from tutti.engines.song import harmony
from tutti.engines.song.band.drums import grooves
from tutti.engines.song.blend import COLUMNS, blended, eras, instruments, row_of
from tutti.engines.song.genre import genre, genres
from tutti.engines.song.model import Brief, Lyrics, Palette
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose

_SILENT = Lyrics(text="", sections=())


def _programs(row):
    return {program for chair in row.chairs for program in chair.programs}


def test_a_palette_without_wishes_is_the_genre_itself():
    assert all(blended(name, Palette()) == genre(name) for name in genres())


@pytest.mark.parametrize("name", genres())
def test_every_genre_lends_what_it_says(name):
    base = "ballad" if name != "ballad" else "pop"
    row = blended(base, Palette(second=name))
    other = genre(name)
    for gift in other.lends:
        if gift == "drums":
            assert row.drum_kit == other.drum_kit
        elif gift == "harmony":
            assert set(other.harmony) <= set(row.harmony)
        elif gift in COLUMNS:
            assert getattr(row, gift) == getattr(other, gift)
        elif gift == "tempo":
            assert min(genre(base).bpm[0], other.bpm[0]) <= row.bpm[0] <= row.bpm[1]
        else:
            assert any(chair.name == gift for chair in row.chairs)


def test_a_second_genre_lends_drums_in_its_own_metre_only():
    assert blended("jazz", Palette(second="lofi")).grooves == genre("lofi").grooves
    assert blended("waltz", Palette(second="lofi")).grooves == genre("waltz").grooves


def test_a_lent_scale_is_sung():
    off = dict.fromkeys(("", "chinese-style"), 0)
    for seed, second in itertools.product(range(4), off):
        plan, score = song("pop", seed=seed, palette=Palette(second=second))
        pentatonic = set(harmony.scale(plan.tonic, plan.mode, "pentatonic"))
        notes = [note for line in score.vocals for sung in line.syllables for note in sung.notes]
        off[second] += sum(note.pitch % 12 not in pentatonic for note in notes)
    assert off["chinese-style"] < 0.5 * off[""]


@pytest.mark.parametrize("name", [name for name, row in instruments().items() if row.programs])
@pytest.mark.parametrize("base", ["pop", "waltz", "techno"])
def test_instruments_are_seated_and_heard_early_or_leave(base, name):
    programs = set(instruments()[name].programs)
    seated = [chair for chair in blended(base, Palette(wanted=(name,))).chairs if set(chair.programs) <= programs]
    assert min(chair.from_energy for chair in seated) <= 0.3
    without = blended(base, Palette(unwanted=(name,)))
    assert not _programs(without) & programs
    assert without.lead
    assert not set(without.lead) & programs


def test_no_drums_means_no_drum_part():
    brief = Brief(genre="rock", instrumental=True, palette=Palette(unwanted=("drums",)))
    plan = make_plan(brief, _SILENT, 3, longest_s=60.0)
    assert "drums" not in {part.name for part in compose(plan, _SILENT, 3).parts}


def test_an_era_brings_its_kit_and_unplugs():
    row = blended("rock", Palette(era="unplugged"))
    assert row.drum_kit == "soft"
    assert not _programs(row) & set(instruments()["electric-guitar"].programs)
    assert blended("pop", Palette(era="80s")).drum_kit == "gated"


def test_what_is_refused_does_not_come_back_with_an_era():
    row = blended("pop", Palette(era="80s", unwanted=("synth",)))
    assert not _programs(row) & set(instruments()["synth"].programs)


@pytest.mark.parametrize(("metre", "beats"), [("3/4", 3), ("6/8", 3), ("4/4", 4)])
def test_a_metre_can_be_asked_of_any_genre(metre, beats):
    for name in ("punk", "waltz", "jazz"):
        brief = Brief(genre=name, instrumental=True, palette=Palette(metre=metre))
        plan = make_plan(brief, _SILENT, 1, longest_s=40.0)
        assert plan.beats_per_bar == beats
        assert metre != "6/8" or plan.swing == 0
        score = compose(plan, _SILENT, 1)
        assert {"drums", "lead"} <= {part.name for part in score.parts}


_NAMES = st.sampled_from(sorted(genres()))
_INSTRUMENTS = st.lists(st.sampled_from(sorted(instruments())), max_size=5, unique=True).map(tuple)


@settings(max_examples=40, deadline=None)
@given(
    base=_NAMES,
    second=_NAMES | st.just(""),
    wanted=_INSTRUMENTS,
    unwanted=_INSTRUMENTS,
    era=st.sampled_from(["", *eras()]),
    metre=st.sampled_from(["", "3/4", "4/4", "6/8"]),
    seed=st.integers(0, 99),
)
def test_any_palette_makes_a_song(*, base, second, wanted, unwanted, era, metre, seed):
    palette = Palette(second=second, wanted=wanted, unwanted=unwanted, era=era, metre=metre)
    plan = make_plan(Brief(genre=base, instrumental=True, palette=palette), _SILENT, seed, longest_s=40.0)
    row = row_of(plan)
    assert set(row.grooves) <= set(grooves())
    score = compose(plan, _SILENT, seed)
    end = score.bars * score.beats_per_bar * 480 + 480
    assert any(part.name == "lead" for part in score.parts)
    for part in score.parts:
        assert all(0 <= note.onset_ticks < end and note.length_ticks > 0 for note in part.notes)
        assert all(20 <= note.pitch <= 108 and 1 <= note.velocity <= 127 for note in part.notes)
