"""The mix: voice and band on one stereo bus.

The band steps aside for the words, band by band of frequencies and only while they are sung (`dsp/pocket.py`); the
sections stand at levels that follow the plan's energy (`contrast.py`), and while the voice sings it is set as far above
the rest as the genre wants. Everything happens in the buses' own arrays: a copy takes 85 MB in a song of four minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tutti.engines.song.backing import length_samples
from tutti.engines.song.buses import Buses, sum_stems
from tutti.engines.song.contrast import ride_curve, settle_sections
from tutti.engines.song.desk import Desk, find_desk
from tutti.engines.song.dsp.dynamics import Curve, apply_gain
from tutti.engines.song.dsp.levels import HOP_SAMPLES, active_rms_db, hop_powers, to_amplitude, to_db
from tutti.engines.song.dsp.pocket import make_room
from tutti.engines.song.dsp.space import reverb
from tutti.engines.song.model import TICKS_PER_BEAT, Audio, Plan, Score, Stems
from tutti.engines.song.voice_chain import Voice, process_voice

# While the voice sings the bed is this much softer, and its bands go this much lower where they hide the voice; drums
# and bass less, for their hits are short. In each band the voice is to stand so far over either.
_DUCK_DB = 1.0
_BED_DEPTH_DB, _RHYTHM_DEPTH_DB = 10.0, 5.0
_CLEAR_DB = 9.0

# The voice follows the sections' energy by this share of what the backing does.
_VOICE_RIDE = 0.6


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


def mix(voices: Stems | None, backing: Iterable[tuple[str, Audio]], score: Score, plan: Plan) -> Mixed:
    """Voice stems ("lead", and where sung "doubles", "harmony", "breaths") and band as one; None is instrumental.

    All stems are used up: their arrays are written to, and the voices are taken out of `voices.tracks`, so that their
    memory is free before the band plays.
    """
    desk, samples = find_desk(plan.genre), length_samples(score)
    ride = ride_curve(score, plan, desk, samples)
    if voices is None or "lead" not in voices.tracks:
        band = _band(sum_stems(backing, score, desk, samples), desk, ride, seed=plan.seed, voice=None)
        backing_db = active_rms_db(band)
        settle_sections(band, score, plan, desk)
        return Mixed(audio=band, voice_db=None, backing_db=backing_db, voice_over_backing_db=None)
    beat_s = score.seconds_at(TICKS_PER_BEAT)
    voice = process_voice(voices, desk, beat_s=beat_s, samples=samples, seed=plan.seed)
    for sound in (voice.lead, voice.around):
        apply_gain(sound, ride * np.float32(_VOICE_RIDE), out=sound)
    band = _band(sum_stems(backing, score, desk, samples), desk, ride, seed=plan.seed, voice=voice)
    mixed = _joined(voice, band, desk)
    settle_sections(mixed.audio, score, plan, desk)
    return mixed


def _band(buses: Buses, desk: Desk, ride: Curve, *, seed: int, voice: Voice | None) -> Audio:
    """The whole backing in the bed's array: room added, sections at their levels, room made for the voice."""
    bed, rhythm = buses.bed, buses.rhythm
    bed += reverb(buses.room, t60_s=desk.room_s, seed=seed + 1, pre_delay_s=0.012)
    for bus in (bed, rhythm):
        apply_gain(bus, ride, out=bus)
    if voice is not None:
        apply_gain(bed, -np.float32(_DUCK_DB) * voice.singing, out=bed)
        # The gain that the voice will have, but for what the room made for it changes.
        coming_db = to_db(_voice_gain(voice, (bed, rhythm), desk))
        levels_db = voice.bands_db + np.float32(coming_db)
        make_room(bed, levels_db, depth_db=_BED_DEPTH_DB, clear_db=_CLEAR_DB)
        make_room(rhythm, levels_db, depth_db=_RHYTHM_DEPTH_DB, clear_db=_CLEAR_DB)
    bed += rhythm
    return bed


def _joined(voice: Voice, band: Audio, desk: Desk) -> Mixed:
    """Voice and band summed in the band's array, the voice at the genre's distance over the band."""
    gain = _voice_gain(voice, (band,), desk)
    lead_power, band_power = _powers_while_singing(voice, (band,))
    mixed = Mixed(
        audio=band,
        voice_db=active_rms_db(voice.lead) + to_db(gain),
        backing_db=active_rms_db(band),
        voice_over_backing_db=to_db(np.sqrt(lead_power) * gain) - to_db(np.sqrt(band_power)),
    )
    for sound in (voice.around, voice.lead):
        np.multiply(sound, np.float32(gain), out=sound)
        np.add(band, sound, out=band)
    return mixed


def _voice_gain(voice: Voice, buses: tuple[Audio, ...], desk: Desk) -> float:
    lead_power, band_power = _powers_while_singing(voice, buses)
    if lead_power <= 0 or band_power <= 0:
        return 1.0
    return float(np.sqrt(band_power / lead_power)) * to_amplitude(desk.voice_over_backing_db)


def _powers_while_singing(voice: Voice, buses: tuple[Audio, ...]) -> tuple[float, float]:
    """Mean power of the lead, and of the buses together, while the lead sings."""
    sings = voice.singing > 0.5
    if not sings.any():
        return 0.0, 0.0
    lead, *band = (float(hop_powers(sound, HOP_SAMPLES)[sings].mean()) for sound in (voice.lead, *buses))
    return lead, sum(band)
