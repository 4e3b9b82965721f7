"""How good the tunes are before a note is sung: many songs composed, their measures averaged.

`script/bench tunes [--seeds 200] [--genres pop,rock] [--candidates 4]`; about 0.1 s of CPU a song and
candidate, no sound is made.
"""

import argparse
import hashlib
import statistics
import sys
import time
from collections import Counter
from dataclasses import asdict

from tutti.engines.song.chooser import choose
from tutti.engines.song.genre import genres
from tutti.engines.song.measures import measure
from tutti.engines.song.merit import merit
from tutti.engines.song.model import Plan, Score
from tutti.engines.song.tunes import tune_lines
from tutti.engines.song.words import settle_words
from tutti.intents import ClipSeat, Song

_SUBJECTS = {"en": "a rainy street at dusk, {} song", "zh": "一首关于海边黄昏的歌, {}"}


def main() -> None:
    """Print one row a measure, one column a language."""
    parser = argparse.ArgumentParser(prog="script/bench tunes", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--genres", default=",".join(sorted(genres())))
    parser.add_argument("--candidates", type=int, default=1, help="songs of which the best is kept")
    chosen = parser.parse_args()
    names = chosen.genres.split(",")
    started = time.process_time()
    figures = {language: _figures(language, names, chosen.seeds, chosen.candidates) for language in _SUBJECTS}
    for row in figures["en"]:
        sys.stdout.write(f"{row:24}" + "".join(f"{table[row]:>24}" for table in figures.values()) + "\n")
    sys.stdout.write(f"CPU seconds: {time.process_time() - started:.0f}\n")


def _figures(language: str, names: list[str], seeds: int, candidates: int) -> dict[str, str]:
    rows: dict[str, list[float]] = {}
    seen: dict[str, Counter[str]] = {"melodies": Counter(), "rhythms": Counter(), "progressions": Counter()}
    for seed in range(seeds):
        wanted = names[seed % len(names)]
        plan, score = _song(language, wanted, seed, candidates=candidates)
        measures = measure(plan, score)
        for name, value in (asdict(measures) | {"merit": merit(measures)}).items():
            if value is not None:
                rows.setdefault(name, []).append(value)
        for name, text in _prints(plan, score).items():
            seen[name][hashlib.sha256(text.encode()).hexdigest()] += 1
    table = {name: f"{statistics.mean(row):.3f} ({min(row):.2f}..{max(row):.2f})" for name, row in rows.items()}
    return table | {f"different {name}": f"{len(counts)} of {seeds}" for name, counts in seen.items()}


def _song(language: str, wanted: str, seed: int, *, candidates: int = 1) -> tuple[Plan, Score]:
    song = Song(seats=(ClipSeat(clip_id="a", seed=seed),), description=_SUBJECTS[language].format(wanted), tags=wanted)
    brief, lyrics = settle_words(song, seed=seed, words_seed=seed % 5)
    best = choose(brief, lyrics, seed, longest_s=song.longest_s, candidates=candidates)
    return best.plan, best.score


def _prints(plan: Plan, score: Score) -> dict[str, str]:
    """What must differ between songs, in text."""
    lines = tune_lines(plan, score)
    return {
        "melodies": str([line.pitches for line in lines]),
        "rhythms": str([line.slots for line in lines]),
        "progressions": str([[chord.name for chord in section.chords] for section in plan.sections]),
    }


if __name__ == "__main__":
    main()
