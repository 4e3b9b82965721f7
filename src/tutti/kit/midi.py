"""The notes in a standard MIDI file, in seconds: mido reads the messages, the tempo map is laid over them here."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

# Half a second a quarter note until the file says otherwise.
_DEFAULT_TEMPO_US = 500_000


class MidiError(ValueError):
    """The bytes are no MIDI file that can be read."""


@dataclass(frozen=True, slots=True)
class MidiNote:
    """A note: pitch 0..127, start and end in seconds, velocity 1..127."""

    pitch: int
    start_s: float
    end_s: float
    velocity: int


@dataclass(slots=True)
class MidiTrack:
    """One track's notes in the order of their starts."""

    name: str = ""
    notes: list[MidiNote] = field(default_factory=list)


def read_midi(content: bytes) -> list[MidiTrack]:
    """Every track that has notes. Raises `MidiError`."""
    import mido  # noqa: PLC0415 - few calls ask for notes

    try:
        file = mido.MidiFile(file=BytesIO(content))
    except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise MidiError(f"This is no MIDI file: {error}.") from error
    if not 0 < file.ticks_per_beat < 0x8000:
        raise MidiError("The MIDI file counts in film frames, not in beats.")
    tracks = [list(_timed(track)) for track in file.tracks]
    clock = _Clock(file.ticks_per_beat, (event for events in tracks for event in events))
    told = [_track(events, clock) for events in tracks]
    return [track for track in told if track.notes]


def _timed(track: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Each message with its time in ticks from the beginning."""
    ticks = 0
    for message in track:
        ticks += message.time
        yield ticks, message


class _Clock:
    """From ticks to seconds along the tempo changes of a file."""

    def __init__(self, ticks_per_beat: int, events: Iterable[tuple[int, Any]]) -> None:
        changes = {0: _DEFAULT_TEMPO_US} | {ticks: each.tempo for ticks, each in events if each.type == "set_tempo"}
        self._from_ticks: list[int] = sorted(changes)
        self._rates: list[float] = [changes[ticks] / 1_000_000 / ticks_per_beat for ticks in self._from_ticks]
        self._from_s = [0.0]
        for n in range(1, len(self._from_ticks)):
            lasted = self._from_ticks[n] - self._from_ticks[n - 1]
            self._from_s.append(self._from_s[-1] + lasted * self._rates[n - 1])

    def seconds(self, ticks: int) -> float:
        """The time of a tick."""
        n = bisect_right(self._from_ticks, ticks) - 1
        return round(self._from_s[n] + (ticks - self._from_ticks[n]) * self._rates[n], 4)


def _track(events: Iterable[tuple[int, Any]], clock: _Clock) -> MidiTrack:
    track = MidiTrack()
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    for ticks, message in events:
        if message.type == "track_name" and not track.name:
            track.name = message.name
        if message.type not in {"note_on", "note_off"}:
            continue
        place = (message.channel, message.note)
        if begun := sounding.pop(place, None):
            start, velocity = begun
            track.notes.append(MidiNote(message.note, clock.seconds(start), clock.seconds(ticks), velocity))
        # A note on without velocity ends the note.
        if message.type == "note_on" and message.velocity:
            sounding[place] = (ticks, message.velocity)
    track.notes.sort(key=lambda note: (note.start_s, note.pitch))
    return track
