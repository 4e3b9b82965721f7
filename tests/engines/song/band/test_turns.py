"""How songs begin, turn and end, heard in the notes of the band."""

from dataclasses import replace

import msgspec
import pytest

from tutti.engines.song.band import bar as bar_module
from tutti.engines.song.band import drums, fx, turns
from tutti.engines.song.band.arrange import arrange
from tutti.engines.song.band.bar import bars_of
from tutti.engines.song.blend import row_of
from tutti.engines.song.drums.percussion import CRACKLE, DOWNLIFTER, IMPACT, REVERSE, RISER
from tutti.engines.song.form import Passage
from tutti.engines.song.genre import genre
from tutti.engines.song.model import Brief, Lyrics, Plan, SectionKind
from tutti.engines.song.motif import Motifs
from tutti.engines.song.plan import lay_sections, make_plan
from tutti.engines.song.score import chords_of

_SILENT = Lyrics(text="", sections=())
_BAR = 4 * 480
_FORM = (
    (SectionKind.INTRO, 4),
    (SectionKind.VERSE, 8),
    (SectionKind.PRE_CHORUS, 4),
    (SectionKind.CHORUS, 8),
    (SectionKind.VERSE, 8),
    (SectionKind.PRE_CHORUS, 4),
    (SectionKind.CHORUS, 8),
    (SectionKind.OUTRO, 4),
)


def _plan(name: str, seed: int = 1) -> Plan:
    plan = make_plan(Brief(genre=name, instrumental=True), _SILENT, seed, longest_s=60.0)
    passages = [Passage(kind=kind, label=kind.value, bars=bars) for kind, bars in _FORM]
    sections = lay_sections(passages, dict.fromkeys(SectionKind, "I V vi IV"), tonic=0, mode="major", beats_per_bar=4)
    return replace(plan, sections=sections, beats_per_bar=4, mode="major", tonic=0)


@pytest.fixture
def told(monkeypatch):
    """A genre that turns, begins and ends as told."""

    def tell(name: str, **changes: tuple[str, ...]) -> Plan:
        row = msgspec.structs.replace(genre(name), **changes)
        for module in (bar_module, drums, fx):
            monkeypatch.setattr(module, "row_of", lambda _plan: row)
        return _plan(name)

    return tell


def _first(plan: Plan, kind: SectionKind):
    return next(section for section in plan.sections if section.kind is kind)


def _between(notes, start: float, end: float):
    return [note for note in notes if start * _BAR <= note.onset_ticks < end * _BAR]


def test_turns_are_the_same_wherever_the_same_passages_meet():
    plan = _plan("edm", 5)
    into_chorus = [
        turns.turn_out_of(plan, row_of(plan), number)
        for number, section in enumerate(plan.sections)
        if section.kind is SectionKind.PRE_CHORUS
    ]
    assert len(into_chorus) == 2
    assert len(set(into_chorus)) == 1
    assert " ".join(into_chorus[0]) in genre("edm").turns


def test_the_band_is_silent_before_a_stop(told):
    plan = told("rock", turns=("stop",))
    chorus = _first(plan, SectionKind.CHORUS).start_bar
    notes = [note for part in arrange(plan, 1, chords_of(plan), Motifs()) if part.name != "lead" for note in part.notes]
    assert not _between(notes, chorus - 0.45, chorus - 0.02)
    assert _between(notes, chorus - 1, chorus - 0.5)


def test_a_roll_quickens_while_the_kick_rests(told):
    plan = told("edm", turns=("roll",))
    chorus = _first(plan, SectionKind.CHORUS).start_bar
    notes = drums.play(plan, bars_of(plan), 1)
    snares = [
        len([note for note in _between(notes, chorus - at, chorus - at + 1) if note.pitch == 38]) for at in (2, 1)
    ]
    assert snares[1] > 2 * snares[0] > 0
    assert not [note for note in _between(notes, chorus - 2, chorus) if note.pitch in {35, 36}]
    loud = [note.velocity for note in _between(notes, chorus - 2, chorus) if note.pitch == 38]
    assert loud[-1] > loud[0] + 30


def test_effects_stand_where_the_turn_says(told):
    plan = told("edm", turns=("riser reverse impact",))
    chorus = _first(plan, SectionKind.CHORUS).start_bar
    notes = {
        note.pitch: note for note in fx.play(plan, bars_of(plan)) if chorus - 4 <= note.onset_ticks / _BAR <= chorus
    }
    assert notes[RISER].onset_ticks + notes[RISER].length_ticks == chorus * _BAR
    assert notes[REVERSE].onset_ticks == (chorus - 1) * _BAR
    assert notes[IMPACT].onset_ticks == chorus * _BAR


def test_a_fall_follows_where_a_riser_led(told):
    plan = told("edm", turns=("riser impact",))
    verse = [section for section in plan.sections if section.kind is SectionKind.VERSE][1]
    assert next(note.onset_ticks for note in fx.play(plan, bars_of(plan)) if note.pitch == DOWNLIFTER) == (
        verse.start_bar * _BAR
    )


def test_genres_without_effects_have_none():
    plan = _plan("country")
    assert fx.play(plan, bars_of(plan)) == []


def test_vinyl_crackles_through_the_song():
    plan = _plan("lofi")
    dust = [note for note in fx.play(plan, bars_of(plan)) if note.pitch == CRACKLE]
    assert sum(note.length_ticks for note in dust) >= plan.bars * _BAR


@pytest.mark.parametrize("intro", ["plain", "full", "enter", "solo", "riff", "drums", "filter"])
def test_intros_begin_as_their_word_says(told, intro):
    plan = told("rock", intros=(intro,))
    row = genre("rock")
    first_bar = {part.name for part in arrange(plan, 1, chords_of(plan), Motifs()) if _between(part.notes, 0, 0.9)} - {
        "lead",
        "fx",
    }
    sections = {"plain": None, "full": None, "enter": None, "solo": 1, "riff": 1, "drums": 1, "filter": 1}
    if (wanted := sections[intro]) is not None:
        assert len(first_bar) == wanted
    if intro == "full":
        assert {"drums", "bass", "guitar"} <= first_bar
    entering = turns.entrances(intro, row.chairs, 4)
    assert all(0 <= at < 4 for at in entering.values())


def test_everybody_has_come_in_by_the_end_of_an_intro():
    for intro in ("enter", "solo", "riff", "drums", "filter"):
        for name in ("pop", "waltz", "techno", "ambient"):
            chairs = genre(name).chairs
            entering = turns.entrances(intro, chairs, 4)
            assert set(entering) == {"drums", *(chair.name for chair in chairs if not chair.is_lift)}
            assert min(entering.values()) == 0


def test_a_fade_fades_and_a_stop_stops(told):
    plan = told("disco", endings=("fade",))
    end = plan.bars
    notes = [
        note for part in arrange(plan, 1, chords_of(plan), Motifs()) if part.name == "drums" for note in part.notes
    ]
    first, last = (_between(notes, end - at, end - at + 1) for at in (4, 1))
    assert max(note.velocity for note in last) < 0.4 * max(note.velocity for note in first)
    plan = told("punk", endings=("stop",))
    parts = arrange(plan, 1, chords_of(plan), Motifs())
    ends = [
        note.onset_ticks + note.length_ticks for part in parts if part.name in {"bass", "guitar"} for note in part.notes
    ]
    assert max(ends) < (plan.bars - 0.7) * _BAR


def test_a_ring_holds_its_last_chord(told):
    plan = told("rock", endings=("ring",))
    parts = arrange(plan, 1, chords_of(plan), Motifs())
    guitar = next(part for part in parts if part.name == "guitar")
    last = _between(guitar.notes, plan.bars - 1.05, plan.bars)
    assert {note.onset_ticks // 60 for note in last} <= {(plan.bars - 1) * _BAR // 60, (plan.bars - 1) * _BAR // 60 - 1}
    assert min(note.length_ticks for note in last) > 0.9 * _BAR * 0.9


@pytest.mark.parametrize("name", ["pop", "edm", "jazz", "lofi", "ambient", "bossa"])
def test_the_last_chorus_has_a_layer_more(name):
    plan = _plan(name)
    choruses = [section for section in plan.sections if section.kind is SectionKind.CHORUS]
    parts = arrange(plan, 1, chords_of(plan), Motifs())
    playing = [
        {part.name for part in parts if _between(part.notes, each.start_bar + 0.1, each.start_bar + each.bars - 0.1)}
        for each in choruses
    ]
    assert playing[0] - {"fx"} < playing[1] - {"fx"}
