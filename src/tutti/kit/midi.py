"""The notes in a standard MIDI file (MIDI 1.0, Standard MIDI Files 1.1), in seconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

# Half a second a quarter note until the file says otherwise.
_DEFAULT_TEMPO_US = 500_000
_TEMPO, _TRACK_NAME = 0x51, 0x03


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


@dataclass(frozen=True, slots=True)
class _Event:
    """A message of a track at a time in ticks; a meta message has status 0xFF and its type first."""

    ticks: int
    status: int
    data: bytes


def read_midi(content: bytes) -> list[MidiTrack]:
    """Every track that has notes. Raises `MidiError`."""
    try:
        return _read(content)
    except IndexError as error:
        raise MidiError("The MIDI file is cut short.") from error


def _read(content: bytes) -> list[MidiTrack]:
    if content[:4] != b"MThd" or len(content) < 14:
        raise MidiError("This is no MIDI file.")
    division = int.from_bytes(content[12:14], "big")
    if division == 0 or division & 0x8000:
        raise MidiError("The MIDI file counts in film frames, not in beats.")
    tracks = [list(_events(chunk)) for chunk in _tracks(content)]
    seconds = _Clock(division, [event for events in tracks for event in events])
    told = [_track(events, seconds) for events in tracks]
    return [track for track in told if track.notes]


def _tracks(content: bytes) -> Iterator[bytes]:
    at = 8 + int.from_bytes(content[4:8], "big")
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "big")
        if content[at : at + 4] == b"MTrk":
            yield content[at + 8 : at + 8 + length]
        at += 8 + length


def _events(chunk: bytes) -> Iterator[_Event]:
    at, ticks, status = 0, 0, 0
    while at < len(chunk):
        delta, at = _number(chunk, at)
        ticks += delta
        if chunk[at] & 0x80:
            status, at = chunk[at], at + 1
        if status == 0xFF:
            kind = chunk[at : at + 1]
            length, at = _number(chunk, at + 1)
            yield _Event(ticks, status, kind + chunk[at : at + length])
            at += length
        elif status in {0xF0, 0xF7}:
            length, at = _number(chunk, at)
            at += length
        elif status >= 0x80:
            # Program change and channel pressure have one byte, all others two.
            length = 1 if status & 0xE0 == 0xC0 else 2
            data = chunk[at : at + length]
            if len(data) < length:
                raise IndexError
            yield _Event(ticks, status, data)
            at += length
        else:
            raise MidiError("A track of the MIDI file begins without a message.")


def _number(chunk: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, seven bits a byte; and where it ends."""
    value = 0
    while True:
        value = value << 7 | chunk[at] & 0x7F
        at += 1
        if not chunk[at - 1] & 0x80:
            return value, at


class _Clock:
    """From ticks to seconds along the tempo changes of a file."""

    def __init__(self, division: int, events: list[_Event]) -> None:
        changes = {0: _DEFAULT_TEMPO_US}
        for event in events:
            if event.status == 0xFF and event.data[:1] == bytes([_TEMPO]) and len(event.data) == 4:
                changes[event.ticks] = int.from_bytes(event.data[1:], "big")
        self._marks: list[tuple[int, float, float]] = []
        at_s, before, rate = 0.0, 0, 0.0
        for ticks, tempo_us in sorted(changes.items()):
            at_s += (ticks - before) * rate
            before, rate = ticks, tempo_us / 1_000_000 / division
            self._marks.append((ticks, at_s, rate))

    def seconds(self, ticks: int) -> float:
        """The time of a tick."""
        start, at_s, rate = next(mark for mark in reversed(self._marks) if mark[0] <= ticks)
        return round(at_s + (ticks - start) * rate, 4)


def _track(events: list[_Event], clock: _Clock) -> MidiTrack:
    track = MidiTrack()
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    for event in events:
        if event.status == 0xFF:
            if event.data[:1] == bytes([_TRACK_NAME]) and not track.name:
                track.name = event.data[1:].decode("utf-8", "replace")
            continue
        kind, channel = event.status & 0xF0, event.status & 0x0F
        if kind not in {0x80, 0x90}:
            continue
        place = (channel, event.data[0])
        begun = sounding.pop(place, None)
        if begun is not None:
            start, velocity = begun
            track.notes.append(MidiNote(place[1], clock.seconds(start), clock.seconds(event.ticks), velocity))
        if kind == 0x90 and event.data[1]:
            sounding[place] = (event.ticks, event.data[1])
    track.notes.sort(key=lambda note: (note.start_s, note.pitch))
    return track
