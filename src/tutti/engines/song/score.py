"""The score: every note of a planned song, sung and played."""

from tutti.engines.song import harmony
from tutti.engines.song.band.arrange import arrange
from tutti.engines.song.model import Chord, Lyrics, Plan, Score
from tutti.engines.song.motif import Motifs
from tutti.engines.song.vocal import sing


def compose(plan: Plan, lyrics: Lyrics, seed: int, *, motifs: Motifs | None = None) -> Score:
    """The score of a plan; the same seed gives the same notes.

    `lyrics` are those the plan was made for, `motifs` the tunes of the song that this one continues.
    """
    memory = Motifs() if motifs is None else motifs
    chords = chords_of(plan)
    vocals = sing(plan, lyrics, seed, chords, memory)
    return Score(
        bpm=plan.bpm,
        beats_per_bar=plan.beats_per_bar,
        bars=plan.bars,
        vocals=vocals,
        parts=arrange(plan, seed, chords, memory),
    )


def chords_of(plan: Plan) -> tuple[Chord, ...]:
    """The chord of every beat of the song."""
    return tuple(chord for section in plan.sections for chord in harmony.by_beat(section.chords))
