"""The singer's strip: from dry tracks to a voice that stands in front, with its doubles, harmony and space.

The singer's model stops at 12 kHz; the missing air is made from overtones of what it has above 5 kHz.
"""

from dataclasses import dataclass

import numpy as np

from tutti.engines.song.desk import Desk
from tutti.engines.song.dsp.dynamics import compress, de_ess
from tutti.engines.song.dsp.filters import equalise, high_shelf, highpass, peak
from tutti.engines.song.dsp.levels import SILENCE_DB, active_rms_db, to_amplitude
from tutti.engines.song.dsp.shape import oversampled
from tutti.engines.song.dsp.space import add_ping_pong, reverb, widen
from tutti.engines.song.model import Audio, Stems

_LEAD_DB = -19.0
# Doubles and harmony under the lead.
_DOUBLES_DB = -12.0
_HARMONY_DB = -11.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """The sung part of the mix, float32 at 44,100 Hz."""

    # The lead alone, shape (1, samples): what the balance is measured on and what makes the backing step aside.
    lead: Audio
    # Doubles and harmony, shape (2, samples).
    around: Audio
    # The rooms and repeats of all of them, shape (2, samples).
    wet: Audio


def process_voice(stems: Stems, desk: Desk, *, beat_s: float, samples: int, seed: int) -> Voice:
    """The processed voice of `samples` length; stems without a lead have no voice to process (`KeyError`)."""
    tracks = stems.tracks
    breaths = _mono(tracks["breaths"], samples) if "breaths" in tracks else None
    lead = _lead(_mono(tracks["lead"], samples), breaths)
    around = np.zeros((2, samples), np.float32)
    if "doubles" in tracks:
        around += _doubles(fitted(tracks["doubles"], samples))
    if "harmony" in tracks:
        around += _harmony(fitted(tracks["harmony"], samples))
    return Voice(lead=lead, around=around, wet=_space(lead, around, desk, beat_s=beat_s, seed=seed))


def fitted(audio: Audio, samples: int) -> Audio:
    """The audio cut or padded with silence to a length; mono becomes both sides."""
    sides = audio if audio.shape[0] == 2 else np.repeat(audio, 2, axis=0)
    if sides.shape[1] >= samples:
        return sides[:, :samples]
    return np.pad(sides, ((0, 0), (0, samples - sides.shape[1])))


def _mono(track: Audio, samples: int) -> Audio:
    middle = track.mean(axis=0, keepdims=True)[:, :samples]
    return np.pad(middle, ((0, 0), (0, samples - middle.shape[1])))


def _lead(dry: Audio, breaths: Audio | None) -> Audio:
    voice = dry if breaths is None else dry + breaths
    voice = voice * np.float32(to_amplitude(_LEAD_DB - active_rms_db(dry)))
    voice = equalise(voice, highpass(90), peak(280, -2.5, 1.0), peak(3200, 3, 0.9), high_shelf(9000, 2.5)) + _air(voice)
    voice = compress(voice, threshold_db=-20, ratio=3, attack_s=0.006, release_s=0.1)
    voice = compress(voice, threshold_db=-11, ratio=6, attack_s=0.002, release_s=0.06)
    voice = de_ess(voice, threshold_db=-27)
    return voice * np.float32(to_amplitude(_LEAD_DB - active_rms_db(voice)))


def _doubles(dry: Audio) -> Audio:
    return _levelled(equalise(widen(dry, 1.2), highpass(180), high_shelf(7000, 2)), _DOUBLES_DB)


def _harmony(dry: Audio) -> Audio:
    even = compress(dry, threshold_db=-30, ratio=3)
    return _levelled(equalise(even, highpass(200), high_shelf(7000, 2)), _HARMONY_DB)


def _air(voice: Audio) -> Audio:
    """Overtones above 9.5 kHz of what the voice has above 5 kHz."""
    bright = equalise(voice, highpass(5000))
    bent = oversampled(bright, lambda x: np.tanh(x * np.float32(14)) * np.float32(1 / 14))
    return equalise(bent, highpass(9500)) * np.float32(1.2)


def _levelled(track: Audio, under_lead_db: float) -> Audio:
    """The same array, scaled."""
    level = active_rms_db(track)
    # A silent track, in a song without a chorus, stays silent.
    if level > SILENCE_DB:
        track *= np.float32(to_amplitude(_LEAD_DB + under_lead_db - level))
    return track


def _space(lead: Audio, around: Audio, desk: Desk, *, beat_s: float, seed: int) -> Audio:
    send = lead + around.mean(axis=0, keepdims=True)
    wet = reverb(send, t60_s=desk.voice_room_s, seed=seed, pre_delay_s=0.035)
    wet *= np.float32(desk.voice_room)
    thin = equalise(lead, highpass(300), high_shelf(5000, -6)) * np.float32(desk.echo)
    add_ping_pong(wet, thin, delay_s=beat_s * 0.75)
    return wet
