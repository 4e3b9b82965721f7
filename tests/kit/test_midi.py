import contextlib
import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.midi import MidiError, MidiNote, read_midi


def written(*, bpm: float = 120.0, slower_at: int | None = None) -> bytes:
    """Two tracks at 480 ticks a quarter note; from `slower_at` ticks on at half the tempo."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    conductor = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=0)])
    if slower_at is not None:
        conductor.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm / 2), time=slower_at))
    bass = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name="Bass", time=0),
            mido.Message("program_change", program=33, time=0),
            mido.Message("note_on", note=36, velocity=100, time=0),
            mido.Message("note_off", note=36, velocity=0, time=480),
            mido.Message("note_on", note=38, velocity=64, time=0),
            # A note on without velocity ends the note, as running status likes it.
            mido.Message("note_on", note=38, velocity=0, time=480),
        ]
    )
    drums = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name="Drums", time=0),
            mido.Message("sysex", data=(1, 2, 3), time=0),
            mido.Message("note_on", channel=9, note=42, velocity=127, time=960),
            mido.Message("note_off", channel=9, note=42, velocity=0, time=120),
        ]
    )
    file.tracks += [conductor, bass, drums]
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def test_notes_are_read_with_names_and_seconds():
    bass, drums = read_midi(written())
    assert (bass.name, drums.name) == ("Bass", "Drums")
    assert bass.notes == [MidiNote(36, 0.0, 0.5, 100), MidiNote(38, 0.5, 1.0, 64)]
    assert drums.notes == [MidiNote(42, 1.0, 1.125, 127)]


def test_tempo_changes_are_followed():
    bass, _ = read_midi(written(slower_at=480))
    assert bass.notes[1] == MidiNote(38, 0.5, 1.5, 64)


def test_track_without_notes_is_left_out():
    assert len(read_midi(written())) == 2


@pytest.mark.parametrize("content", [b"", b"MThd", b"RIFF" + bytes(20), written()[:24], written()[:12] + b"\xe7\x28"])
def test_what_is_no_midi_file_is_refused(content):
    with pytest.raises(MidiError):
        assert read_midi(content) is None


@given(st.integers(0, 300), st.binary(max_size=40))
def test_no_bytes_break_the_reader(at, junk):
    whole = written()
    for content in (whole[:at] + junk, whole[:at] + junk + whole[at + len(junk) :]):
        with contextlib.suppress(MidiError):
            read_midi(content)
