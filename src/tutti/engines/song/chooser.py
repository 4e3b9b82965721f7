"""The best of several songs for one clip, by what their scores measure: composing is cheap, sounding is not.

Each clip's candidates come from seeds derived from its seat's, so the same song and seat choose the same one; a later
clip passes over candidates that are too like the tunes chosen before it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tutti.engines.song.measures import difference, measure
from tutti.engines.song.merit import merit
from tutti.engines.song.model import Brief, Lyrics, Plan, Score, VoiceChoice
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose
from tutti.engines.song.seeds import stream
from tutti.engines.song.words import settle_words
from tutti.intents import Song, SongWishes

CANDIDATES = 4
# The share of notes in which the tunes of two clips must differ.
LEAST_DIFFERENCE = 0.5
_NO_WISHES = SongWishes()


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One composed song, the words it sings, and its merit, 0..1."""

    brief: Brief
    lyrics: Lyrics
    plan: Plan
    score: Score
    merit: float


def choose_clip(
    song: Song,
    index: int,
    *,
    singer: VoiceChoice | None = None,
    unlike: Sequence[Score] = (),
    candidates: int = CANDIDATES,
) -> Candidate:
    """The song of one of a task's seats, unlike the scores of the seats before it.

    `singer` sings instead of the voice that the plan casts; `candidates` 1 takes the first song as it comes.
    """
    seed = song.seats[index].seed
    brief, lyrics = settle_words(song, seed=seed, words_seed=song.seats[0].seed)
    return choose(
        brief,
        lyrics,
        seed,
        longest_s=song.longest_s,
        wishes=song.wishes,
        singer=singer,
        unlike=unlike,
        candidates=candidates,
    )


def choose(
    brief: Brief,
    lyrics: Lyrics,
    seed: int,
    *,
    longest_s: float,
    wishes: SongWishes = _NO_WISHES,
    singer: VoiceChoice | None = None,
    unlike: Sequence[Score] = (),
    candidates: int = CANDIDATES,
) -> Candidate:
    """The best of `candidates` songs that differ enough from those of `unlike`; if none does, the most different."""
    composed = [
        _composed(brief, lyrics, each, longest_s=longest_s, wishes=wishes, singer=singer)
        for each in candidate_seeds(seed, candidates)
    ]
    apart = {each.plan.seed: min((difference(each.score, other) for other in unlike), default=1.0) for each in composed}
    return max(composed, key=lambda each: (min(apart[each.plan.seed], LEAST_DIFFERENCE), each.merit))


def candidate_seeds(seed: int, count: int) -> Iterator[int]:
    """The seat's own seed, and others that follow from it."""
    yield seed
    rng = stream(seed, "candidates")
    for _ in range(count - 1):
        yield int(rng.integers(1 << 62))


def _composed(
    brief: Brief, lyrics: Lyrics, seed: int, *, longest_s: float, wishes: SongWishes, singer: VoiceChoice | None
) -> Candidate:
    if singer is not None:
        # The plan sets its key for a voice of this gender.
        brief = replace(brief, gender=singer.gender)
    plan = make_plan(brief, lyrics, seed, longest_s=longest_s, wishes=wishes)
    if singer is not None and plan.voice is not None:
        plan = replace(plan, voice=singer)
    score = compose(plan, lyrics, seed)
    return Candidate(brief=brief, lyrics=lyrics, plan=plan, score=score, merit=merit(measure(plan, score)))
