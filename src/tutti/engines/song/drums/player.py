"""Plays a drum part: strokes on the score's ticks, the room around them, and the drum bus."""

from collections.abc import Sequence

import numpy as np

from tutti.engines.song.drums.kits import HATS, OPEN_HAT, Kit, find_kit, find_piece
from tutti.engines.song.drums.percussion import HELD, IMPACT
from tutti.engines.song.drums.strokes import Stroke
from tutti.engines.song.dsp.filters import equalise, high_shelf, lowpass
from tutti.engines.song.dsp.levels import to_amplitude
from tutti.engines.song.dsp.shape import saturate
from tutti.engines.song.dsp.space import reverb
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Note, Score

# Different strokes of each piece and touch, taken in turn, so that a roll does not sound like a machine gun.
_VARIANTS = 4

# Below this velocity a stroke is played softly: darker, not only quieter.
_SOFT_VELOCITY = 72

_HEADROOM = 0.5


def play_drums(notes: Sequence[Note], score: Score, *, kit_name: str, samples: int, seed: int) -> Audio:
    """The drum stem: float32, shape (2, samples); the same seed gives the same strokes."""
    kit = find_kit(kit_name)
    set_of_strokes = _Strokes(kit, seed)
    dry = np.zeros((2, samples), np.float32)
    for index, note in enumerate(notes):
        start = round(score.seconds_at(note.onset_ticks) * SAMPLE_RATE_HZ)
        stroke = set_of_strokes.take(note, length_s=score.seconds_at(note.length_ticks))
        _place(dry, stroke[: _choke_samples(notes, index, score)], start, gain=_gain(kit, note), pan=_pan(kit, note))
    # What swells and falls between sections brings its own air.
    is_kit = any(note.pitch not in HELD and note.pitch != IMPACT for note in notes)
    return _through_the_bus(dry, kit, seed) if is_kit else dry


class _Strokes:
    """Strokes of one kit, made when first needed and kept."""

    def __init__(self, kit: Kit, seed: int) -> None:
        self._kit = kit
        self._seed = seed
        self._made: dict[tuple[int, bool, int], Stroke] = {}
        self._turns: dict[int, int] = {}

    def take(self, note: Note, *, length_s: float) -> Stroke:
        """The next stroke of this piece in this touch."""
        if note.pitch in HELD:
            rng = np.random.default_rng((self._seed, note.pitch))
            return find_piece(self._kit, note.pitch).stroke(rng, length_s=length_s)
        turn = self._turns.get(note.pitch, 0)
        self._turns[note.pitch] = (turn + 1) % _VARIANTS
        is_soft = note.velocity < _SOFT_VELOCITY
        key = (note.pitch, is_soft, turn)
        if key not in self._made:
            stroke = self._hard(note.pitch, turn)
            self._made[key] = equalise(stroke[None], high_shelf(2500, -5))[0] if is_soft else stroke
        return self._made[key]

    def _hard(self, pitch: int, turn: int) -> Stroke:
        """The stroke as it is played with force, of which the soft one is made."""
        key = (pitch, False, turn)
        if key not in self._made:
            self._made[key] = find_piece(self._kit, pitch).stroke(np.random.default_rng((self._seed, pitch, turn)))
        return self._made[key]


def _choke_samples(notes: Sequence[Note], index: int, score: Score) -> int | None:
    """Where an open hi-hat is closed by the next stroke on it; None lets the sound end by itself."""
    if notes[index].pitch != OPEN_HAT:
        return None
    for later in notes[index + 1 :]:
        if later.pitch in HATS and later.onset_ticks > notes[index].onset_ticks:
            return round(score.seconds_at(later.onset_ticks - notes[index].onset_ticks) * SAMPLE_RATE_HZ)
    return None


def _gain(kit: Kit, note: Note) -> float:
    return _HEADROOM * to_amplitude(find_piece(kit, note.pitch).level_db) * float((note.velocity / 110) ** 1.5)


def _pan(kit: Kit, note: Note) -> float:
    return find_piece(kit, note.pitch).pan


def _place(stem: Audio, stroke: Stroke, start: int, *, gain: float, pan: float) -> None:
    end = min(stem.shape[1], start + stroke.size)
    first = max(start, 0)
    if first >= end:
        return
    angle = (pan + 1) * np.pi / 4
    heard = stroke[first - start : end - start]
    stem[0, first:end] += heard * np.float32(gain * np.cos(angle) * np.sqrt(2))
    stem[1, first:end] += heard * np.float32(gain * np.sin(angle) * np.sqrt(2))


def _through_the_bus(dry: Audio, kit: Kit, seed: int) -> Audio:
    """Room, drive and wear, in the array of the dry drums."""
    room = reverb(dry.mean(axis=0, keepdims=True), t60_s=kit.room_s, seed=seed, pre_delay_s=0.006, low_hz=180)
    room *= np.float32(to_amplitude(kit.room_db))
    stem = dry
    stem += room
    del room
    saturate(stem, drive_db=kit.drive_db, out=stem)
    if kit.bits:
        steps = np.float32(2 ** (kit.bits - 1))
        stem *= steps
        np.round(stem, out=stem)
        stem /= steps
    return equalise(stem, lowpass(kit.lowpass_hz), out=stem) if kit.lowpass_hz else stem
