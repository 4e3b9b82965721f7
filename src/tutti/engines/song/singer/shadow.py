"""The voices around a lead, made out of its own take: doubles and harmonies that keep its words to the letter.

A second rendering by the network costs as much as the lead, and its consonants fall elsewhere and blur the words. A
shadow costs a fortieth, and is told from the lead by its own pitch, time, vibrato and mouth.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tutti.engines.song.singer.grains import regrained
from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import PitchedNote
from tutti.engines.song.singer.pitch import notes_hz, wandering
from tutti.engines.song.singer.voice import SungLine, levelled
from tutti.models.runtime.kokoro import CURVE_HZ


def shadow(lead: SungLine, notes: Sequence[PitchedNote], manner: Manner, rng: np.random.Generator) -> SungLine:
    """The lead's take sung again by someone beside it, on `notes` and in a manner of their own."""
    if not notes:
        return lead
    times_s = lead.start_s + (np.arange(len(lead.hz)) + 0.5) / CURVE_HZ
    hz = notes_hz(notes, times_s, manner, rng).astype(np.float32)
    late_s = (manner.late_drift_s * wandering(len(lead.hz), rng)).astype(np.float32)
    audio = regrained(lead.audio, lead.hz, hz, late_s=late_s, formants=manner.formants)
    return replace(
        lead,
        audio=levelled(audio),
        hz=np.where(lead.hz > 0, hz, np.float32(0)),
        start_s=lead.start_s + manner.late_s,
    )
