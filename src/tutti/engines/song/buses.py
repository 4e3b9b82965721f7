"""The band on its buses: each stem through its channel, then let go.

What stays of a band are two stereo buses and a mono send to the common room. The bed holds what makes way for the voice
and the kick; the rhythm section holds drums and bass.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tutti.engines.song.desk import Channel, Desk, find_channel, level_change_db
from tutti.engines.song.drums.kits import KICKS
from tutti.engines.song.dsp.dynamics import HOP_S, Curve, apply_gain, compress, smooth
from tutti.engines.song.dsp.filters import equalise
from tutti.engines.song.dsp.levels import HOP_SAMPLES, active_rms_db, to_amplitude
from tutti.engines.song.dsp.space import pan, widen
from tutti.engines.song.model import Audio, Score
from tutti.engines.song.voice_chain import fitted, owned

# Parts with a line of their own, which would talk over the singer, and how much softer they are while it sings.
_SPEAKERS = ("lead", "melody", "counter", "arp", "pluck", "brass")
_LISTENING_DB = 4.0

# Followers see peaks, levels are RMS.
_PEAK_OVER_RMS_DB = 9.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Buses:
    """The band summed: float32, shape (2, samples), the room's send (1, samples)."""

    bed: Audio
    rhythm: Audio
    room: Audio


def sum_stems(
    backing: Iterable[tuple[str, Audio]], score: Score, desk: Desk, samples: int, *, singing: Curve | None
) -> Buses:
    """Every (part name, stem) of `backing` on its bus; the stems' arrays are written to.

    `singing` is 0..1 at control rate, None in an instrumental.
    """
    buses = Buses(
        bed=np.zeros((2, samples), np.float32),
        rhythm=np.zeros((2, samples), np.float32),
        room=np.zeros((1, samples), np.float32),
    )
    pump = _pump_curve(score, desk, samples)
    for name, stem in backing:
        channel = find_channel(name)
        sound = owned(fitted(stem, samples))
        # Let go before the next stem is rendered: each takes 85 MB in a song of four minutes.
        del stem
        _strip(sound, channel, level_db=channel.level_db + level_change_db(desk, name))
        if name != "drums":
            apply_gain(sound, pump, out=sound)
        if singing is not None and name.lower().startswith(_SPEAKERS):
            apply_gain(sound, -np.float32(_LISTENING_DB) * singing, out=sound)
        target = buses.bed if channel.is_bed else buses.rhythm
        target += sound
        if channel.room:
            buses.room[0] += sound.mean(axis=0) * np.float32(channel.room)
        del sound
    return buses


def _strip(sound: Audio, channel: Channel, *, level_db: float) -> None:
    """One stem through its channel, in place: filters, dynamics, level, place."""
    equalise(sound, *channel.sections, out=sound)
    sound *= np.float32(to_amplitude(level_db - active_rms_db(sound)))
    if channel.ratio > 1:
        threshold_db = level_db - 6 + _PEAK_OVER_RMS_DB
        compress(sound, threshold_db=threshold_db, ratio=channel.ratio, attack_s=0.012, out=sound)
        sound *= np.float32(to_amplitude(level_db - active_rms_db(sound)))
    if channel.width != 1.0:
        widen(sound, channel.width, out=sound)
    sound *= pan(np.ones((1, 1), np.float32), channel.pan)


def _pump_curve(score: Score, desk: Desk, samples: int) -> Curve:
    """The kick's push in dB at control rate: down at once, back along a straight line."""
    curve = np.zeros(-(-samples // HOP_SAMPLES), np.float32)
    shape = np.linspace(-desk.pump_db, 0, max(2, int(desk.pump_s / HOP_S)), dtype=np.float32)
    for part in score.parts:
        for note in part.notes if part.program is None else ():
            if note.pitch in KICKS:
                start = int(score.seconds_at(note.onset_ticks) / HOP_S)
                reach = curve[start : start + shape.size]
                np.minimum(reach, shape[: reach.size], out=reach)
    return smooth(curve, 0.004)
