"""Who sings: speakers of the Kokoro set, chosen by language, gender and colour, blended so that songs differ.

A colour ("bright", "dark", "soft", "power", "child") mixes in its own speaker and shapes the resonances and the slope
of the spectrum; "duet" brings a partner of the other gender. All of them are rows of `data/voices.toml`.
"""

from typing import Any

import numpy as np

from tutti.engines.song.model import Brief, Gender, Language, Partner, VoiceChoice, VoiceColour
from tutti.engines.song.seeds import pick
from tutti.engines.song.tables import table

# Two songs' singers differ a little even in one colour: the resonances by this much to either side.
_MOUTH_SPREAD = 0.015
# In a duet each sings an octave from the other; these shifts bring both into their comfortable ranges.
_DUET_SHIFT = {Gender.FEMALE: 2, Gender.MALE: -2}
_OTHER = {Gender.FEMALE: Gender.MALE, Gender.MALE: Gender.FEMALE}
_FURTHEST_SHIFT = 2


def choose_voice(brief: Brief, *, female_chance: float, rng: np.random.Generator) -> VoiceChoice:
    """The singer for a brief: what it asks for, else what genre and seed bring."""
    is_female = bool(rng.random() < (0.85 if "child" in brief.voice_colours else female_chance))
    gender = brief.gender or (Gender.FEMALE if is_female else Gender.MALE)
    colours = [name for name in brief.voice_colours if name in _rows("colours")]
    is_duet = "duet" in brief.voice_colours
    blend, colour = _singer(brief.language, gender, colours, rng)
    shift = sum(_rows("colours")[name]["shift"] for name in colours)
    shift = _DUET_SHIFT[gender] if is_duet else max(-_FURTHEST_SHIFT, min(_FURTHEST_SHIFT, shift))
    low, high = _rows("ranges")[gender]
    return VoiceChoice(
        blend=blend,
        gender=gender,
        low_pitch=low + shift,
        high_pitch=high + shift,
        colour=colour,
        partner=_partner(brief.language, gender, rng) if is_duet else None,
    )


def _singer(
    language: Language, gender: Gender, colours: list[str], rng: np.random.Generator
) -> tuple[tuple[tuple[str, float], ...], VoiceColour]:
    """A blend of two speakers, the first colour's own among them, in the mean of the colours asked for."""
    cast = _rows("cast")[f"{language}-{gender}"]
    own = next((cast["colours"][name] for name in colours), None)
    lead = pick(rng, tuple(name for name in cast["leads"] if name != own))
    second = own or pick(rng, tuple(name for name in cast["leads"] + cast["others"] if name != lead))
    share = round(_rows("colours")[colours[0]]["share"] if colours else float(rng.uniform(0.15, 0.45)), 2)
    rows = [_rows("colours")[name] for name in colours] or [_rows("colours")["plain"]]
    mouth = float(rng.uniform(1 - _MOUTH_SPREAD, 1 + _MOUTH_SPREAD))
    colour = VoiceColour(
        formants=round(mouth * float(np.mean([row["formants"] for row in rows])), 3),
        tilt_db=round(float(np.mean([row["tilt_db"] for row in rows])), 2),
    )
    return ((lead, round(1 - share, 2)), (second, share)), colour


def _partner(language: Language, gender: Gender, rng: np.random.Generator) -> Partner:
    blend, colour = _singer(language, _OTHER[gender], [], rng)
    return Partner(blend=blend, colour=colour, octaves=-1 if gender is Gender.FEMALE else 1)


def _rows(section: str) -> dict[str, Any]:
    rows: dict[str, Any] = table(__package__, "voices")[section]
    return rows
