"""From a score to finished sound: sing, play, mix, master."""

from collections.abc import Callable

from tutti.engines.song.backing import length_samples, render_backing
from tutti.engines.song.master import Mastered, OnBytes, master
from tutti.engines.song.mix import mix
from tutti.engines.song.model import Plan, Score, Stems
from tutti.engines.song.singer import sing_score
from tutti.engines.song.tools import Tools

# Told 0..1 and what is being done; may raise to stop.
OnProgress = Callable[[float, str], None]

# Shares of the time from score to sound, measured on songs of one to four minutes.
SUNG, PLAYED = 0.52, 0.90


def produce(
    plan: Plan, score: Score, tools: Tools, on_progress: OnProgress, *, on_bytes: OnBytes = lambda _: None
) -> Mastered:
    """The sound of a score; the same plan and score give the same samples on one machine.

    `on_bytes` is told the mp3 as it is made.
    """
    # The mix alone holds the voices, and lets them go when it has used them.
    mixed = mix(
        voices_of(plan, score, tools, within(on_progress, 0.0, SUNG)),
        render_backing(score, plan, tools.player, playing(within(on_progress, SUNG, PLAYED))),
        score,
        plan,
    )
    on_progress(PLAYED, "mastering")
    return master(mixed.audio, genre=plan.genre, on_bytes=on_bytes)


def voices_of(plan: Plan, score: Score, tools: Tools, on_progress: OnProgress) -> Stems | None:
    """The dry voices of a score, None in an instrumental."""
    sung = sing_score(tools.singer, score, plan, on_progress, samples=length_samples(score))
    return Stems(tracks=sung.tracks) if sung.tracks else None


def playing(on_progress: OnProgress) -> OnProgress:
    """A listener for `render_backing`, which tells only the name of each part."""
    return lambda share, name: on_progress(share, f"playing {name}")


def within(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    """A listener for a step that takes the time from `start` to `end`, both 0..1, of the whole."""
    return lambda share, note: on_progress(start + share * (end - start), note)
