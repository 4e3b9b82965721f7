"""The mix: voice and band on one stereo bus.

The band arrives stem by stem and is let go at once; what stays are two buses (bed and rhythm) and a send. The bed steps
aside for the voice (softer, with a pocket at the words' frequencies), bed and bass bow to the kick, sections follow the
plan's energy, and while the voice sings it is set as far above the rest as the genre wants.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tutti.engines.song.backing import length_samples
from tutti.engines.song.desk import Channel, Desk, find_channel, find_desk, level_change_db
from tutti.engines.song.drums.kits import KICKS
from tutti.engines.song.dsp.dynamics import (
    HOP_S,
    Curve,
    apply_gain,
    compress,
    follow,
    peak_curve_db,
    smooth,
)
from tutti.engines.song.dsp.filters import equalise, peak
from tutti.engines.song.dsp.levels import HOP_SAMPLES, active_rms_db, hop_powers, to_amplitude, to_db
from tutti.engines.song.dsp.space import pan, reverb, widen
from tutti.engines.song.model import TICKS_PER_BEAT, Audio, Plan, Score, Stems
from tutti.engines.song.voice_chain import Voice, fitted, process_voice

# While the voice sings the bed is this much softer, and in the pocket at 2.2 kHz it loses more.
_DUCK_DB = 1.5
_POCKET = peak(2200, -5.0, 0.6)

# The voice follows the sections' energy by this share of what the backing does.
_VOICE_RIDE = 0.6

# Followers see peaks, levels are RMS.
_PEAK_OVER_RMS_DB = 9.0

# The voice counts as singing from here (dB of its levelled peaks) and fully so 12 dB above.
_SINGING_DB = -40.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Mixed:
    """A mix and how its halves stand to each other."""

    # float32, shape (2, samples), before any mastering; peaks may exceed 1.
    audio: Audio
    # RMS of the sounding stretches; None in an instrumental.
    voice_db: float | None
    backing_db: float
    # RMS of the lead over the backing while it sings, in dB; None in an instrumental.
    voice_over_backing_db: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Buses:
    bed: Audio
    rhythm: Audio
    # Mono sends to the common room.
    room: Audio


def mix(voices: Stems | None, backing: Iterable[tuple[str, Audio]], score: Score, plan: Plan) -> Mixed:
    """Voice stems ("lead", and where sung "doubles", "harmony", "breaths") and band as one; None is instrumental.

    A caller that keeps no name for the voice stems has their memory back before the band plays.
    """
    desk, samples = find_desk(plan.genre), length_samples(score)
    beat_s = score.seconds_at(TICKS_PER_BEAT)
    if voices is None or "lead" not in voices.tracks:
        band = _band(_sum_stems(backing, score, desk, samples), score, plan, desk, singing=None)
        return Mixed(audio=band, voice_db=None, backing_db=active_rms_db(band), voice_over_backing_db=None)
    voice = process_voice(voices, desk, beat_s=beat_s, samples=samples, seed=plan.seed)
    # 250 MB in a song of four minutes.
    del voices
    buses = _sum_stems(backing, score, desk, samples)
    ride = _ride_curve(score, plan, desk, samples) * np.float32(_VOICE_RIDE)
    for sound in (voice.lead, voice.around, voice.wet):
        apply_gain(sound, ride, out=sound)
    singing = _singing_curve(voice.lead)
    band = _band(buses, score, plan, desk, singing=singing)
    return _joined(voice, band, singing, desk)


def _sum_stems(backing: Iterable[tuple[str, Audio]], score: Score, desk: Desk, samples: int) -> _Buses:
    buses = _Buses(
        bed=np.zeros((2, samples), np.float32),
        rhythm=np.zeros((2, samples), np.float32),
        room=np.zeros((1, samples), np.float32),
    )
    pump = _pump_curve(score, desk, samples)
    for name, stem in backing:
        channel = find_channel(name)
        sound = _toned(fitted(stem, samples), channel)
        # Let go before the next copy is made and the next stem rendered: each takes 85 MB in a song of four minutes.
        del stem
        sound = _strip(sound, channel, level_db=channel.level_db + level_change_db(desk, name))
        if name != "drums":
            apply_gain(sound, pump, out=sound)
        target = buses.bed if channel.is_bed else buses.rhythm
        target += sound
        if channel.room:
            buses.room[0] += sound.mean(axis=0) * np.float32(channel.room)
        del sound
    return buses


def _toned(stem: Audio, channel: Channel) -> Audio:
    """A copy of a stem, through its channel's filters."""
    return equalise(stem, *channel.sections) if channel.sections else stem.copy()


def _strip(sound: Audio, channel: Channel, *, level_db: float) -> Audio:
    """One toned stem through the rest of its channel: dynamics, level, place; it is written to."""
    sound *= np.float32(to_amplitude(level_db - active_rms_db(sound)))
    if channel.ratio > 1:
        sound = compress(sound, threshold_db=level_db - 6 + _PEAK_OVER_RMS_DB, ratio=channel.ratio, attack_s=0.012)
        sound *= np.float32(to_amplitude(level_db - active_rms_db(sound)))
    if channel.width != 1.0:
        sound = widen(sound, channel.width)
    sound *= pan(np.ones((1, 1), np.float32), channel.pan)
    return sound


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


def _singing_curve(lead: Audio) -> Curve:
    """0 where the lead is silent .. 1 where it sings, at control rate, bridging the gaps between words."""
    level = follow(peak_curve_db(lead), attack_s=0.02, release_s=0.12)
    return np.clip((level - np.float32(_SINGING_DB)) / 12, 0, 1).astype(np.float32)


def _band(buses: _Buses, score: Score, plan: Plan, desk: Desk, *, singing: Curve | None) -> Audio:
    """The whole backing: room added, room made for the voice, sections at their levels; uses up the bed's bus."""
    bed = buses.bed
    bed += reverb(buses.room, t60_s=desk.room_s, seed=plan.seed + 1, pre_delay_s=0.012)
    if singing is not None:
        pocket = equalise(bed, _POCKET)
        pocket -= bed
        bed += apply_gain(pocket, _as_db(singing), out=pocket)
        apply_gain(bed, -np.float32(_DUCK_DB) * singing, out=bed)
    bed += buses.rhythm
    return apply_gain(bed, _ride_curve(score, plan, desk, bed.shape[1]), out=bed)


def _as_db(share: Curve) -> Curve:
    return (20 * np.log10(np.maximum(share, np.float32(1e-4)))).astype(np.float32)


def _ride_curve(score: Score, plan: Plan, desk: Desk, samples: int) -> Curve:
    """Gain in dB at control rate that follows the sections' energy; the liveliest one stays at 0."""
    top = max((section.energy for section in plan.sections), default=1.0)
    curve = np.zeros(-(-samples // HOP_SAMPLES), np.float32)
    for section in plan.sections:
        start = int(score.seconds_at(section.start_bar * plan.beats_per_bar * TICKS_PER_BEAT) / HOP_S)
        curve[start:] = desk.ride_db * (section.energy - top)
    return smooth(curve, 0.06)


def _joined(voice: Voice, band: Audio, singing: Curve, desk: Desk) -> Mixed:
    """Voice and band summed, the voice at the genre's distance over the band."""
    weight = singing > 0.5
    lead_power = float(hop_powers(voice.lead, HOP_SAMPLES)[weight].mean()) if weight.any() else 0.0
    band_power = float(hop_powers(band, HOP_SAMPLES)[weight].mean()) if weight.any() else 0.0
    if lead_power <= 0 or band_power <= 0:
        gain = 1.0
    else:
        gain = float(np.sqrt(band_power / lead_power)) * to_amplitude(desk.voice_over_backing_db)
    audio = voice.around + voice.wet
    audio += voice.lead
    audio *= np.float32(gain)
    audio += band
    over_db = to_db(np.sqrt(lead_power) * gain) - to_db(np.sqrt(band_power))
    return Mixed(
        audio=audio,
        voice_db=active_rms_db(voice.lead) + to_db(gain),
        backing_db=active_rms_db(band),
        voice_over_backing_db=over_db,
    )
