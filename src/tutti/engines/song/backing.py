"""The band: every part as one stem: drums from our own kits, synthesisers from our own, the rest from a SoundFont.

Of a SoundFont only the instrument that plays is loaded, anew for every part (`SoundFontPlayer`): a tenth of a second
for 270 MB. Stems come out one at a time, because a four-minute stem takes 85 MB and the mix needs each only once. No
effects here: rooms belong to the mix.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tinysoundfont import _tinysoundfont as native

from tutti.engines.song.drums.player import play_drums
from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.dsp.levels import active_rms_db
from tutti.engines.song.dsp.space import pan
from tutti.engines.song.guitar import AMP_BY_PROGRAM, AMPS, CLEAN_PROGRAM, Amp, amplify
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Note, Part, Plan, Score
from tutti.engines.song.soundfont import SoundFontFile
from tutti.engines.song.synth.patches import find_patch
from tutti.engines.song.synth.player import play_patch
from tutti.errors import EngineError

OnPart = Callable[[float, str], None]

# Sound after the last bar: cymbals, strings and rooms die away.
TAIL_S = 2.5

# A part that stays below this is broken: a preset that the SoundFont lacks, or only unplayable notes.
_INAUDIBLE_DB = -70.0

# Distorted guitars are played twice, apart in pitch (cents) and time (ms), and spread over the sides.
_TAKES = ((-3.0, 0.0, -0.8), (4.0, 11.0, 0.8))


def length_samples(score: Score) -> int:
    """Samples of every stem of this song."""
    return int((score.duration_s + TAIL_S) * SAMPLE_RATE_HZ)


class SoundFontPlayer:
    """Plays notes with the presets of one SoundFont file; raises `EngineError` when the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self._name, self._file = path.name, SoundFontFile(path)

    def play(
        self,
        notes: Sequence[Note],
        score: Score,
        *,
        program: int,
        samples: int,
        cents: float = 0.0,
        is_mono: bool = False,
    ) -> Audio:
        """The notes with a General MIDI program: float32, shape (2, samples), tuned up by `cents`.

        In mono the shape is (1, samples), the mean of the sides.
        """
        font = self._font(program)
        font.set_output(native.OutputMode.StereoInterleaved, SAMPLE_RATE_HZ, 0.0)
        font.channel_set_bank(0, 0)
        font.channel_set_preset_number(0, program, False)
        font.channel_set_tuning(0, cents / 100)
        sound = np.zeros((1 if is_mono else 2, samples), np.float32)
        done = 0
        for at, pitch, velocity in _events(notes, score):
            done = _render(font, sound, done, min(max(at, done), samples))
            if velocity:
                font.channel_note_on(0, pitch, velocity / 127)
            else:
                font.channel_note_off(0, pitch)
        _render(font, sound, done, samples)
        return sound

    def _font(self, program: int) -> native.SoundFont:
        try:
            font = native.SoundFont(self._file.only(program))
        except RuntimeError as error:
            raise EngineError(f"The SoundFont {self._name} cannot be read: fetch it again.") from error
        font.set_max_voices(128)
        return font


def _render(font: native.SoundFont, sound: Audio, start: int, end: int) -> int:
    for first in range(start, end, BLOCK_SAMPLES):
        last = min(first + BLOCK_SAMPLES, end)
        woven = np.zeros((last - first, 2), np.float32)
        font.render(woven.data.cast("B"))
        sound[:, first:last] = woven.T if len(sound) == 2 else woven.mean(axis=1)
    return end


def render_backing(
    score: Score, plan: Plan, player: SoundFontPlayer, on_part: OnPart = lambda _share, _name: None
) -> Iterator[tuple[str, Audio]]:
    """(part name, stem) of every part with notes, in score order: float32, shape (2, `length_samples`).

    `on_part` is told 0..1 and what is played before each part, and may raise to stop. Raises
    `EngineError` when a part with notes comes out silent.
    """
    for index, part in enumerate(score.parts):
        if not part.notes:
            continue
        on_part(index / len(score.parts), part.name)
        # Not bound to a name here: the consumer alone decides how long the stem lives.
        yield part.name, _checked(_render_part(part, score, plan, player, seed=plan.seed + index), part)


def _checked(stem: Audio, part: Part) -> Audio:
    if active_rms_db(stem) < _INAUDIBLE_DB:
        raise EngineError(f"The part {part.name} came out silent with program {part.program}.")
    return stem


def _render_part(part: Part, score: Score, plan: Plan, player: SoundFontPlayer, *, seed: int) -> Audio:
    samples = length_samples(score)
    if part.program is None:
        return play_drums(part.notes, score, kit_name=plan.drum_kit, samples=samples, seed=seed)
    patch = find_patch(part.program)
    if patch is not None:
        return play_patch(patch, part.notes, score, samples=samples, seed=seed)
    amp = AMP_BY_PROGRAM.get(part.program)
    if amp is None:
        return player.play(part.notes, score, program=part.program, samples=samples)
    if amp == "clean":
        strings = player.play(part.notes, score, program=part.program, samples=samples, is_mono=True)
        return np.repeat(amplify(strings, AMPS[amp]), 2, axis=0)
    return _double_tracked(part, score, player, amp=AMPS[amp], seed=seed)


def _double_tracked(part: Part, score: Score, player: SoundFontPlayer, *, amp: Amp, seed: int) -> Audio:
    """Two takes of a driven guitar, one on each side, each with its own touch."""
    samples = length_samples(score)
    stem = np.zeros((2, samples), np.float32)
    for take, (cents, late_ms, position) in enumerate(_TAKES):
        notes = _retouched(part.notes, score, late_s=late_ms / 1000, seed=seed * 2 + take)
        strings = player.play(notes, score, program=CLEAN_PROGRAM, samples=samples, cents=cents, is_mono=True)
        amplify(strings, amp)
        for side, gain in enumerate(pan(np.ones((1, 1), np.float32), position)):
            stem[side] += strings[0] * gain
    return stem


def _retouched(notes: Sequence[Note], score: Score, *, late_s: float, seed: int) -> list[Note]:
    """The notes as played a second time: a few milliseconds and velocity steps off, chords still together."""
    rng = np.random.default_rng(seed)
    late = {onset: late_s + rng.normal(0, 0.003) for onset in sorted({note.onset_ticks for note in notes})}
    return [
        replace(
            note,
            onset_ticks=max(0, round(note.onset_ticks + score.ticks_at(late[note.onset_ticks]))),
            velocity=int(np.clip(note.velocity + rng.integers(-6, 7), 1, 127)),
        )
        for note in notes
    ]


def _events(notes: Sequence[Note], score: Score) -> list[tuple[int, int, int]]:
    """(sample, pitch, velocity) in playing order; velocity 0 ends a note, and ends come before starts of one moment."""
    events: list[tuple[int, int, int]] = []
    for note in notes:
        start = round(score.seconds_at(note.onset_ticks) * SAMPLE_RATE_HZ)
        end = round(score.seconds_at(note.onset_ticks + note.length_ticks) * SAMPLE_RATE_HZ)
        events += [(start, note.pitch, max(1, note.velocity)), (max(end, start + 1), note.pitch, 0)]
    return sorted(events, key=lambda event: (event[0], event[2] > 0, event[1]))
