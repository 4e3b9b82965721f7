"""How late a speaker's voice is heard after the curve lets it in, so that it can be let in by as much earlier.

Measured by `script/bench song --songs 0` on 40 lines of one speaker a row, as the median time from a note's beat to the
voice's entry after an unvoiced consonant: what is left of it is what the next measurement shows. Another speaker is
taken to be like the one of the same language and gender.
"""

from tutti.models.runtime.kokoro.voices import Blend

# The first two letters of a speaker's name, for language and gender, and seconds, of af_heart, am_fenrir, zf_xiaoxiao,
# zm_yunxi, jf_alpha and jm_kumo.
_LATE_S = {"af": 0.030, "am": 0.026, "zf": 0.034, "zm": 0.046, "jf": 0.034, "jm": 0.050}
_OTHERS_LATE_S = 0.025


def latency_s(blend: Blend) -> float:
    """The weighted mean of the blend's speakers, in seconds."""
    total = sum(weight for _, weight in blend)
    return sum(weight / total * _LATE_S.get(name[:2], _OTHERS_LATE_S) for name, weight in blend)
