"""New music over brought sound, which goes on under it."""

import numpy as np

from tutti.engines.song.dsp.levels import active_rms_db, to_amplitude
from tutti.engines.song.edits.sources import Source
from tutti.engines.song.edits.stretches import Stretch
from tutti.engines.song.edits.work import Made, Work, colours_of
from tutti.engines.song.master import encoded_below_ceiling
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Brief, Plan, Score
from tutti.engines.song.record import ClipRecord

# The added music fades in and out over this, unless its own beginning is softer.
_EDGE_S = 0.02


def overlaid(
    work: Work,
    source: Source,
    stretch: Stretch,
    brief: Brief,
    *,
    plan: Plan,
    score: Score,
    words: str,
    added: Audio,
    over_db: float,
) -> Made:
    """The clip of brought sound with `added` sounding from the stretch's beginning, `over_db` above what is there."""
    work.on_progress(0.9, "mastering")
    sound = _summed(source.sound(), added, stretch, over_db)
    record = ClipRecord(
        request=work.song,
        seed=work.seat.seed,
        plan=plan,
        score=score,
        lyrics=words,
        offset_s=stretch.start_s,
        has_brought_sound=True,
    )
    return Made(record=record, mastered=encoded_below_ceiling(sound), colours=colours_of(brief))


def _summed(old: Audio, added: Audio, stretch: Stretch, over_db: float) -> Audio:
    first, last = (round(at_s * SAMPLE_RATE_HZ) for at_s in (stretch.start_s, stretch.end_s))
    gain = to_amplitude(active_rms_db(old[:, first:last]) + over_db - active_rms_db(added))
    whole = np.array(old)
    length = min(added.shape[1], whole.shape[1] - first)
    laid = added[:, :length] * np.float32(gain)
    edge = min(round(_EDGE_S * SAMPLE_RATE_HZ), length)
    laid[:, :edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    laid[:, length - edge :] *= np.linspace(1, 0, edge, dtype=np.float32)
    whole[:, first : first + length] += laid
    return whole
