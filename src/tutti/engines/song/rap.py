"""Rap: words on the grid about one pitch, with the rise and fall of speech.

Stressed syllables go up and weak ones down, the line sinks as breath does, and it ends low or, where another line
answers, open. Three syllables in one beat may come as a triplet. In Mandarin the tones decide.
"""

from collections.abc import Sequence

import numpy as np

from tutti.engines.song.feel import swing_note
from tutti.engines.song.melody import TONE_HEIGHTS
from tutti.engines.song.model import TICKS_PER_BEAT, Note, Plan, SungSyllable, Syllable, VoiceChoice
from tutti.engines.song.phrase import Setting
from tutti.engines.song.rhythm import PICKUP_SLOTS, SHORTEST_S, SLOT_TICKS, SLOTS_PER_BEAT, metre
from tutti.engines.song.seeds import stream

# How far speech strays from its pitch, in semitones, and where in the voice's range that pitch lies, 0..1.
REACH = 3
_HEIGHT = 0.4
_STRESSES = {0: -1, 1: 2, 2: 1}
# The height of a tone in the middle of speech, and semitones to one of its steps.
_MIDDLE_TONE, _TONE_STEP = 3.3, 1.1
_TRIPLET_CHANCE = 0.35
_TRIPLET_TICKS = TICKS_PER_BEAT // 3


def rapped(
    syllables: Sequence[Syllable], slots: Sequence[int], lengths: Sequence[int], setting: Setting, voice: VoiceChoice
) -> tuple[SungSyllable, ...]:
    """A line's syllables on their notes, one each; `slots` and `lengths` in sixteenths from the line's bar line."""
    plan = setting.plan
    rng = stream(setting.seed, "rap", setting.start_bar)
    pitches = speech_pitches(
        syllables, base=speech_pitch(plan, voice) + setting.lift_semitones, is_open=not setting.is_last, rng=rng
    )
    onsets = _onsets(slots, setting, rng)
    end = (slots[-1] + lengths[-1]) * SLOT_TICKS
    strength = metre(setting.grid)
    sung = []
    for syllable, slot, pitch, onset, after in zip(syllables, slots, pitches, onsets, [*onsets[1:], end], strict=True):
        note = Note(
            onset_ticks=setting.start_slot * SLOT_TICKS + onset,
            length_ticks=after - onset,
            pitch=pitch,
            velocity=82 + round(20 * float(strength[slot + PICKUP_SLOTS])),
        )
        sung.append(SungSyllable(syllable=syllable, notes=(swing_note(note, plan.swing),)))
    return tuple(sung)


def speech_pitch(plan: Plan, voice: VoiceChoice) -> int:
    """The pitch that a rap is spoken about: tonic or fifth, where the voice is at ease with room on both sides."""
    wanted = voice.low_pitch + _HEIGHT * (voice.high_pitch - voice.low_pitch)
    inside = range(voice.low_pitch + REACH, voice.high_pitch - REACH + 1)
    home = {plan.tonic, (plan.tonic + 7) % 12}
    return min(inside, key=lambda pitch: (pitch % 12 not in home, abs(pitch - wanted)))


def speech_pitches(
    syllables: Sequence[Syllable], *, base: int, is_open: bool, rng: np.random.Generator
) -> tuple[int, ...]:
    """A pitch within `REACH` of `base` for each syllable; an open line ends level, others fall."""
    last = max(1, len(syllables) - 1)
    pitches = []
    for index, syllable in enumerate(syllables):
        sinking = 1.0 - 2.0 * index / last
        if syllable.tone:
            moved = (TONE_HEIGHTS[syllable.tone] - _MIDDLE_TONE) * _TONE_STEP + 0.4 * sinking
        else:
            moved = _STRESSES.get(syllable.stress, 0) * rng.uniform(0.6, 1.1) + 0.8 * sinking
            if index == last:
                moved = 0.0 if is_open else -2.0
        pitches.append(base + max(-REACH, min(REACH, round(moved))))
    return tuple(pitches)


def _onsets(slots: Sequence[int], setting: Setting, rng: np.random.Generator) -> list[int]:
    """When each syllable begins, in ticks from the line's bar line: on its sixteenth, or a third of a beat."""
    onsets = [slot * SLOT_TICKS for slot in slots]
    if _TRIPLET_TICKS / TICKS_PER_BEAT * 60.0 / setting.grid.bpm < SHORTEST_S or setting.grid.swing:
        return onsets
    for beat in sorted({slot // SLOTS_PER_BEAT for slot in slots if slot >= 0}):
        members = [index for index, slot in enumerate(slots) if slot // SLOTS_PER_BEAT == beat]
        fills = len(members) == 3 and slots[members[0]] == beat * SLOTS_PER_BEAT and members[-1] < len(slots) - 1
        if fills and rng.random() < _TRIPLET_CHANCE:
            for place, index in enumerate(members):
                onsets[index] = beat * TICKS_PER_BEAT + place * _TRIPLET_TICKS
    return onsets
