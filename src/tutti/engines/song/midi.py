"""The score as a standard MIDI file: tempo, metre, key, section marks, words under the voice, a track a part."""

from io import BytesIO

import mido

from tutti.engines.song.model import TICKS_PER_BEAT, Note, Part, Plan, Score

# General MIDI "Voice Oohs", one channel for the singer, one for the harmony; channel 9 is percussion.
_VOICE_PROGRAM = 53
_VOICE_CHANNEL, _HARMONY_CHANNEL, _DRUM_CHANNEL = 0, 1, 9
_PART_CHANNELS = (2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15)
_MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_KEYS = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")

# A message and when it stands, in ticks; at one time offs come before ons, and words before their note.
_Event = tuple[int, int, mido.Message | mido.MetaMessage]


def to_midi(score: Score, plan: Plan) -> bytes:
    """A type 1 file at `TICKS_PER_BEAT`; texts in UTF-8, a space behind each word's last syllable."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    file.tracks.append(_conductor(score, plan))
    if score.vocals:
        file.tracks.append(_voice(score))
    if any(line.harmony_pitches for line in score.vocals):
        file.tracks.append(_track("Harmony", _HARMONY_CHANNEL, _VOICE_PROGRAM, _note_events(_harmony(score), 1)))
    channels = iter(_PART_CHANNELS)
    for part in score.parts:
        channel = _DRUM_CHANNEL if part.program is None else next(channels)
        file.tracks.append(_part(part, channel))
    written = BytesIO()
    file.save(file=written)
    return written.getvalue()


def _conductor(score: Score, plan: Plan) -> mido.MidiTrack:
    """What rules all tracks."""
    key = (_MAJOR_KEYS if plan.mode == "major" else _MINOR_KEYS)[plan.tonic]
    metas = [
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(score.bpm)),
        mido.MetaMessage("time_signature", numerator=score.beats_per_bar, denominator=4),
        mido.MetaMessage("key_signature", key=key),
    ]
    events: list[_Event] = [(0, 0, meta) for meta in metas]
    for section in plan.sections:
        at = section.start_bar * plan.beats_per_bar * TICKS_PER_BEAT
        events.append((at, 1, mido.MetaMessage("marker", text=section.label)))
    return _track(plan.title or "Song", None, None, events)


def _voice(score: Score) -> mido.MidiTrack:
    """The lead voice with its words."""
    events: list[_Event] = []
    for line in score.vocals:
        for sung in line.syllables:
            space = " " if sung.syllable.ends_word and not sung.syllable.tone else ""
            text = sung.syllable.text.strip() + space
            if text.strip():
                events.append((sung.notes[0].onset_ticks, 1, mido.MetaMessage("lyrics", text=text)))
            events += _note_events(sung.notes, _VOICE_CHANNEL)
    return _track("Voice", _VOICE_CHANNEL, _VOICE_PROGRAM, events)


def _harmony(score: Score) -> tuple[Note, ...]:
    """The harmony's notes: the lead's times at its own pitches."""
    notes = []
    for line in score.vocals:
        lead = [note for sung in line.syllables for note in sung.notes]
        notes += [
            Note(onset_ticks=note.onset_ticks, length_ticks=note.length_ticks, pitch=pitch, velocity=note.velocity)
            for note, pitch in zip(lead, line.harmony_pitches, strict=False)
        ]
    return tuple(notes)


def _part(part: Part, channel: int) -> mido.MidiTrack:
    return _track(part.name.capitalize(), channel, part.program, _note_events(part.notes, channel))


def _note_events(notes: tuple[Note, ...], channel: int) -> list[_Event]:
    events: list[_Event] = []
    for note in notes:
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        off = mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)
        events += [(note.onset_ticks, 2, on), (note.onset_ticks + note.length_ticks, 0, off)]
    return events


def _track(name: str, channel: int | None, program: int | None, events: list[_Event]) -> mido.MidiTrack:
    """A named track of events in order, their times as distances."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    if program is not None:
        track.append(mido.Message("program_change", channel=channel, program=program))
    now = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=at - now))
        now = at
    return track
