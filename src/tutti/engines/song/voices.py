"""Who sings: voices of the Kokoro set, chosen by language, gender and colour, blended so that songs differ.

The first voices of each row measured best when sung (word error, signal score) and lead; the others only colour a blend
or sing doubles and harmonies. Ranges are where the voices keep their timbre when driven straight by the score.
"""

from dataclasses import dataclass

import numpy as np

from tutti.engines.song.model import Brief, Gender, Language, VoiceChoice
from tutti.engines.song.seeds import pick


@dataclass(frozen=True, slots=True)
class Cast:
    """The singers of one language and gender."""

    # Good enough to lead, and voices that only colour.
    leads: tuple[str, ...]
    others: tuple[str, ...]
    # Voice colour -> the voice to mix in for it.
    colours: dict[str, str]


_CASTS = {
    (Language.ENGLISH, Gender.FEMALE): Cast(
        leads=("af_heart", "af_nova", "af_bella"),
        others=("af_sarah", "af_aoede", "af_kore", "af_nicole"),
        colours={"soft": "af_nicole", "power": "af_bella", "bright": "af_nova", "dark": "af_sarah", "child": "af_sky"},
    ),
    (Language.ENGLISH, Gender.MALE): Cast(
        leads=("am_fenrir", "am_puck", "am_michael"),
        others=("am_eric", "am_liam", "am_onyx"),
        colours={
            "soft": "am_michael", "power": "am_fenrir", "bright": "am_puck", "dark": "am_onyx", "child": "am_puck",
        },
    ),
    (Language.MANDARIN, Gender.FEMALE): Cast(
        leads=("zf_xiaoxiao", "zf_xiaobei", "zf_xiaoni"),
        others=("zf_xiaoyi",),
        colours={
            "soft": "zf_xiaobei", "power": "zf_xiaoxiao", "bright": "zf_xiaoxiao", "dark": "zf_xiaoyi",
            "child": "zf_xiaoni",
        },
    ),
    (Language.MANDARIN, Gender.MALE): Cast(
        leads=("zm_yunxi", "zm_yunjian"),
        others=("zm_yunyang", "zm_yunxia"),
        colours={
            "soft": "zm_yunxi", "power": "zm_yunjian", "bright": "zm_yunxi", "dark": "zm_yunyang",
            "child": "zm_yunxia",
        },
    ),
}  # fmt: skip

# Lowest and highest comfortable MIDI note: E3..F4 and G#2..G#3. The signal score of both falls steadily above.
_RANGES = {Gender.FEMALE: (52, 65), Gender.MALE: (44, 56)}
# Semitones by which a colour moves the range.
_SHIFTS = {"power": 1, "bright": 1, "soft": -1, "dark": -2, "child": 2}


def choose_voice(brief: Brief, *, female_chance: float, rng: np.random.Generator) -> VoiceChoice:
    """The singer for a brief: what it asks for, else what genre and seed bring."""
    is_female = bool(rng.random() < female_chance)
    gender = brief.gender or (Gender.FEMALE if is_female else Gender.MALE)
    cast = _CASTS[brief.language, gender]
    lead = pick(rng, cast.leads)
    colour = next((cast.colours[name] for name in brief.voice_colours if name in cast.colours), None)
    if colour in cast.leads:
        lead, colour = colour, None
    second = colour or pick(rng, tuple(name for name in cast.leads + cast.others if name != lead))
    share = round(float(rng.uniform(0.15, 0.35)), 2)
    shift = max(-2, min(2, sum(_SHIFTS.get(name, 0) for name in brief.voice_colours)))
    low, high = _RANGES[gender]
    return VoiceChoice(
        blend=((lead, round(1 - share, 2)), (second, share)),
        gender=gender,
        low_pitch=low + shift,
        high_pitch=high + shift,
        backing_blend=_backing(cast, lead, rng),
    )


def _backing(cast: Cast, lead: str, rng: np.random.Generator) -> tuple[tuple[str, float], ...]:
    """Two voices other than the lead, mixed evenly."""
    names = [name for name in cast.leads + cast.others if name != lead]
    first, second = (names[int(index)] for index in rng.permutation(len(names))[:2])
    return (first, 0.5), (second, 0.5)
