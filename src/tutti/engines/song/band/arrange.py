"""The arrangement: every chair of the genre's band plays the plan, then all of it is swung and made human."""

from collections.abc import Callable, Sequence

from tutti.engines.song.band import bass, chords, drums, lead
from tutti.engines.song.band.bar import Bar, bars_of
from tutti.engines.song.feel import humanised, swing_note
from tutti.engines.song.genre import Chair, genre
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
_DRUM_SPREAD_TICKS = 2.5


def arrange(plan: Plan, seed: int, harmony: Sequence[Chord], motifs: Motifs) -> tuple[Part, ...]:
    """All instrumental parts that have notes: drums first, then the genre's chairs, then the lead.

    `harmony` is the chord of every beat, `motifs` what the singer left to be quoted.
    """
    bars = bars_of(plan)
    parts = [_part("drums", None, drums.play(plan, bars, seed), plan, seed, spread_ticks=_DRUM_SPREAD_TICKS)]
    parts += [
        _part(chair.name, plan.instruments[chair.name], PLAYERS[chair.play](chair, bars), plan, seed)
        for chair in genre(plan.genre).chairs
    ]
    parts.append(_part("lead", plan.instruments["lead"], lead.play(plan, seed, harmony, motifs), plan, seed))
    return tuple(part for part in parts if part.notes)


def _part(
    name: str, program: int | None, notes: list[Note], plan: Plan, seed: int, *, spread_ticks: float = 4.0
) -> Part:
    """One part as it is played."""
    swung = [swing_note(note, plan.swing) for note in notes]
    played = humanised(swung, stream(seed, "hands", name), spread_ticks=spread_ticks)
    return Part(name=name, program=program, notes=played)
