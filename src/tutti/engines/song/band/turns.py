"""How a song passes from one section to the next, and how it begins and ends: words of the genre's row, drawn by seed.

Turns, several at once: "fill" on the drums, "stop" (the band is silent for the last half bar), "roll" (a snare that
quickens over two bars while the kick rests), "riser" and "reverse" (sounds that swell into the next section), "impact"
(one that lands on it), "none". Intros: "plain", "full" (all at once), "enter" (one after another), "solo" (one chair),
"riff" (the guitar, then all), "drums" (alone at first), "filter" (only what floats). Endings: "ring", "stop" (a short
last stroke), "tag" (two bars of held chords before it), "fade".
"""

from collections.abc import Sequence

from tutti.engines.song.genre import Chair, Genre
from tutti.engines.song.model import Plan, SectionKind
from tutti.engines.song.seeds import pick, stream

DRUMS = "drums"
# A section is livelier, or calmer, than another from this difference of energy.
_STEP = 0.08
_FALL = 0.18
# Where both sections are quieter no drummer plays a fill.
_FILL_ENERGY = 0.55


def turn_out_of(plan: Plan, row: Genre, number: int) -> tuple[str, ...]:
    """The words for the way from a section into the next one; the same kinds always meet in the same way."""
    if number + 1 >= len(plan.sections):
        return ()
    here, following = plan.sections[number], plan.sections[number + 1]
    rng = stream(plan.seed, "turn", here.kind.value, following.kind.value)
    if following.energy > here.energy + _STEP:
        return tuple(word for word in pick(rng, row.turns).split() if word != "none")
    falls = here.energy - following.energy >= _FALL and any("riser" in turn for turn in row.turns)
    fills = max(here.energy, following.energy) >= _FILL_ENERGY and any("fill" in turn for turn in row.turns)
    return ("fill",) * fills + ("downlift",) * falls


def intro_of(plan: Plan, row: Genre) -> str:
    """How the song begins; "plain" where it has no intro without words."""
    first = plan.sections[0]
    if first.kind is not SectionKind.INTRO or first.lyric_section is not None or first.bars < 2:
        return "plain"
    return pick(stream(plan.seed, "intro"), row.intros)


def ending_of(plan: Plan, row: Genre) -> str:
    """How the song ends; a voice that sings to the last bar is left to ring."""
    last = plan.sections[-1]
    if last.kind is not SectionKind.OUTRO or last.bars < 2 or last.lyric_section is not None:
        return "ring"
    return pick(stream(plan.seed, "ending"), row.endings)


def entrances(intro: str, chairs: Sequence[Chair], bars: int) -> dict[str, int]:
    """The bar of an intro of `bars` bars in which each chair, and the drums, begin to play."""
    seated = [chair for chair in chairs if not chair.is_lift]
    half = bars // 2
    if intro == "enter":
        order = sorted(seated, key=lambda chair: chair.play == "bass")
        steps = {chair.name: index * bars // (len(order) + 1) for index, chair in enumerate(order)}
        return steps | {DRUMS: max(1, bars - 1 - bars // 4)}
    if intro == "drums":
        return {chair.name: half for chair in seated} | {DRUMS: 0}
    if intro not in _FEATURED:
        return {}
    featured, others = _FEATURED[intro], half if intro == "riff" else bars - 1
    names = [chair.name for chair in seated if chair.play in featured] or [seated[0].name]
    first = names if intro == "filter" else names[:1]
    return {chair.name: 0 if chair.name in first else others for chair in seated} | {DRUMS: others}


# The manners of those who begin: all of them in a "filter" intro, else the first.
_FEATURED = {
    "solo": frozenset({"comp", "strum", "power", "arpeggio", "counter"}),
    "riff": frozenset({"power", "strum"}),
    "filter": frozenset({"pad", "arpeggio", "counter"}),
}
