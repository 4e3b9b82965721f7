import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.engines.song.harmony import by_beat, chord, progression, scale, voicing


@pytest.mark.parametrize(
    ("numeral", "tonic", "mode", "name", "tones", "bass"),
    [
        ("I", 0, "major", "C", (0, 4, 7), 0),
        ("vi7", 0, "major", "Am7", (9, 0, 4, 7), 9),
        ("V/3", 0, "major", "G/B", (7, 11, 2), 11),
        ("bVII", 2, "major", "C", (0, 4, 7), 0),
        ("iv", 7, "major", "Cm", (0, 3, 7), 0),
        ("IVmaj7", 5, "major", "Bbmaj7", (10, 2, 5, 9), 10),
        ("i", 9, "minor", "Am", (9, 0, 4), 9),
        ("V", 9, "minor", "E", (4, 8, 11), 4),
        ("VI", 2, "minor", "Bb", (10, 2, 5), 10),
        ("iim7b5", 0, "minor", "Dm7b5", (2, 5, 8, 0), 2),
        ("ii9", 0, "major", "Dm9", (2, 5, 9, 0, 4), 2),
        ("V7sus4", 0, "major", "G7sus4", (7, 0, 2, 5), 7),
        ("I6", 5, "major", "F6", (5, 9, 0, 2), 5),
        ("iadd9", 9, "minor", "Amadd9", (9, 0, 4, 11), 9),
        ("I7/3", 0, "major", "C7/E", (0, 4, 7, 10), 4),
    ],
)
def test_chord_reads_roman_numerals(*, numeral, tonic, mode, name, tones, bass):
    made = chord(numeral, tonic=tonic, mode=mode, beats=4)
    assert (made.name, made.tones, made.bass, made.beats) == (name, tones, bass, 4)


@pytest.mark.parametrize("numeral", ["", "VIII", "H", "Imajor", "I/2"])
def test_chord_refuses_what_is_none(numeral):
    with pytest.raises(ValueError, match="Not a chord"):
        chord(numeral, tonic=0, mode="major", beats=4)


def test_progression_repeats_splits_bars_and_ends_as_told():
    chords = progression("I ii7-V7", bars=4, tonic=0, mode="major", beats_per_bar=3, ending="IV")
    assert [(each.name, each.beats) for each in chords] == [("C", 3), ("Dm7", 2), ("G7", 1), ("C", 3), ("F", 3)]
    assert [each.name for each in by_beat(chords)[:6]] == ["C", "C", "C", "Dm7", "Dm7", "G7"]


def test_scale_starts_on_the_tonic():
    assert scale(9, "minor") == (9, 11, 0, 2, 4, 5, 7)
    assert scale(0, "major", "pentatonic") == (0, 2, 4, 7, 9)


def test_voicing_moves_little_between_chords():
    tonic = voicing((0, 4, 7), centre=60)
    dominant = voicing((7, 11, 2), centre=60, previous=tonic)
    assert sum(min(abs(new - old) for old in tonic) for new in dominant) <= 5


@given(st.sets(st.integers(0, 11), min_size=2, max_size=5), st.integers(45, 75))
def test_voicing_sounds_each_tone_once_near_its_centre(tones, centre):
    pitches = voicing(sorted(tones), centre=centre)
    assert sorted(pitch % 12 for pitch in pitches) == sorted(tones)
    assert list(pitches) == sorted(pitches)
    assert abs(sum(pitches) / len(pitches) - centre) <= 8
