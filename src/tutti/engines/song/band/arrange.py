"""The arrangement: every chair of the genre's band plays the plan, then all of it is swung and made human."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tutti.engines.song.band import bass, chords, drums, fx, lead
from tutti.engines.song.band.bar import Bar, bars_of
from tutti.engines.song.band.turns import DRUMS, entrances
from tutti.engines.song.blend import row_of
from tutti.engines.song.feel import Hands, humanised, swing_note
from tutti.engines.song.genre import Chair, in_metre
from tutti.engines.song.model import Chord, Note, Part, Plan
from tutti.engines.song.motif import Motifs
from tutti.engines.song.seeds import stream

Player = Callable[[Chair, list[Bar]], list[Note]]

# Manner of playing -> who can.
PLAYERS: dict[str, Player] = {
    "bass": bass.play,
    "comp": chords.comp,
    "strum": chords.strum,
    "power": chords.power,
    "arpeggio": chords.arpeggio,
    "pad": chords.pad,
    "counter": chords.counter,
}
# How uneven hands are by manner: drummers keep closer time than others, fingers are freer than plectra.
_HANDS = {
    DRUMS: Hands(spread_ms=3.0, spread_velocity=4.0),
    "bass": Hands(spread_ms=4.0, spread_velocity=4.0, late_ms=2.0),
    "comp": Hands(spread_ms=5.0, spread_velocity=5.0),
    "strum": Hands(spread_ms=5.0, spread_velocity=6.0),
    "power": Hands(spread_ms=3.5, spread_velocity=4.0),
    "arpeggio": Hands(spread_ms=4.5, spread_velocity=6.0),
    "pad": Hands(spread_ms=6.0, spread_velocity=2.0),
    "counter": Hands(spread_ms=7.0, spread_velocity=4.0, late_ms=3.0),
    "lead": Hands(spread_ms=6.0, spread_velocity=5.0, late_ms=2.0),
}
# The machine's own sounds come on time.
_MACHINE = Hands(spread_ms=0.0, spread_velocity=0.0)
# Strokes that a drummer who sits back plays late: snare, clap, side stick and snap.
_BACKBEAT = frozenset({34, 37, 38, 39})


def arrange(plan: Plan, seed: int, harmony: Sequence[Chord], motifs: Motifs) -> tuple[Part, ...]:
    """All instrumental parts that have notes: drums first, then the genre's chairs, the lead, and the effects.

    `harmony` is the chord of every beat, `motifs` what the singer left to be quoted.
    """
    row = row_of(plan)
    bars = bars_of(plan)
    entering = (
        entrances(bars[0].intro, row.chairs, bars[0].section_bars)
        if any(not chair.is_lift for chair in row.chairs)
        else {}
    )
    seated = _from(bars, entering.get(DRUMS, 0))
    parts = [_part("drums", None, drums.play(plan, seated, seed), plan, seed, hands=_HANDS[DRUMS])]
    for chair in row.chairs:
        playing = PLAYERS[chair.play](in_metre(chair, row, bars[0].metre), _from(bars, entering.get(chair.name, 0)))
        program = plan.instruments[chair.name]
        parts.append(_part(chair.name, program, playing, plan, seed, hands=_HANDS[chair.play]))
    tune = lead.play(plan, seed, harmony, motifs)
    parts.append(_part("lead", plan.instruments["lead"], tune, plan, seed, hands=_HANDS["lead"]))
    parts.append(_part("fx", None, fx.play(plan, bars), plan, seed, hands=_MACHINE))
    return tuple(part for part in parts if part.notes)


def _from(bars: list[Bar], first: int) -> list[Bar]:
    """The bars without those of the intro before a player's entrance."""
    return [bar for bar in bars if not bar.intro or bar.index >= first]


def _part(name: str, program: int | None, notes: list[Note], plan: Plan, seed: int, *, hands: Hands) -> Part:
    """One part as it is played."""
    row = row_of(plan)
    swung = [swing_note(note, plan.swing, row.shuffle) for note in notes]
    rng = stream(seed, "hands", name)
    mine = replace(hands, spread_ms=hands.spread_ms * row.looseness)
    is_late = [name == DRUMS and note.pitch in _BACKBEAT for note in swung]
    front = [note for note, late in zip(swung, is_late, strict=True) if not late]
    back = [note for note, late in zip(swung, is_late, strict=True) if late]
    sitting_back = replace(mine, late_ms=mine.late_ms + row.laid_back_ms)
    played = (*humanised(front, rng, mine, bpm=plan.bpm), *humanised(back, rng, sitting_back, bpm=plan.bpm))
    return Part(
        name=name, program=program, notes=tuple(sorted(played, key=lambda note: (note.onset_ticks, note.pitch)))
    )
