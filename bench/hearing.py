"""Measure what is heard in brought sound, on songs of our own whose plan and stems are known.

Tempo, downbeat and key on bands of every genre; the two-stem separation on sung songs, as the signal-to-distortion
ratio of each stem beside that of the mix taken for it. Bands last one minute at most.
"""

import argparse
from collections.abc import Iterator

import numpy as np
from rich.console import Console

from tutti.engines.song.backing import render_backing
from tutti.engines.song.genre import genres
from tutti.engines.song.hearing import Heard, hear
from tutti.engines.song.lyrics import parse
from tutti.engines.song.mix import mix, mix_apart
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Brief, Plan, Score
from tutti.engines.song.plan import make_plan
from tutti.engines.song.production import voices_of
from tutti.engines.song.score import compose
from tutti.engines.song.separation import separate
from tutti.engines.song.tools import Tools, load_tools
from tutti.models.store import ModelStore
from tutti.settings import user_cache_dir

_HEARD_S = 60
_WORDS = """[Verse]
Streetlights hum above the empty train
I count the stations I have left behind
Your letters folded underneath my coat
A thousand windows and not one is mine
[Chorus]
City lights carry me home
Burn until I learn to see
"""
_SUNG_GENRES = ("pop", "rock", "ballad")
_JUDGED = ("tempo", "tempo or its level", "downbeat", "key", "key or its relative")
# Tempi that are called the same but for the level that is counted.
_LEVELS = (0.5, 1.0, 2.0, 2 / 3, 1.5)


def main() -> None:
    """Print a row for each song and the shares that are right."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--songs", type=int, default=3, help="bands for each genre")
    wanted = options.parse_args()
    tools = load_tools(ModelStore(user_cache_dir()), cache_dir=user_cache_dir(), threads=2, on_progress=lambda _: None)
    console = Console()
    rows = [_judged(plan, heard) for plan, heard in _bands(tools, wanted.songs, console)]
    for name, right in zip(_JUDGED, zip(*rows, strict=True), strict=True):
        console.print(f"{name}: {sum(right)} of {len(right)}")
    for name, figures in _separations(tools):
        console.print(name, *(f"{figure:.1f} dB" for figure in figures))


def _bands(tools: Tools, songs: int, console: Console) -> Iterator[tuple[Plan, Heard]]:
    for index, name in enumerate(list(genres()) * songs):
        plan, score = _composed(name, 100 + index)
        sound = mix(None, render_backing(score, plan, tools.player), score, plan).audio[:, : _HEARD_S * SAMPLE_RATE_HZ]
        heard = hear(sound / np.abs(sound).max())
        console.print(
            f"{name}: {plan.bpm:.1f} heard as {heard.bpm:.2f}, {plan.tonic} {plan.mode} as {heard.tonic} {heard.mode}"
        )
        yield plan, heard


def _composed(name: str, seed: int, *, longest_s: float = 90.0) -> tuple[Plan, Score]:
    lyrics = parse(_WORDS)
    plan = make_plan(Brief(genre=name), lyrics, seed, longest_s=longest_s)
    return plan, compose(plan, lyrics, seed)


def _judged(plan: Plan, heard: Heard) -> tuple[bool, bool, bool, bool, bool]:
    is_tempo = abs(heard.bpm / plan.bpm - 1) < 0.02
    is_level = any(abs(heard.bpm * level / plan.bpm - 1) < 0.02 for level in _LEVELS)
    bar_s = plan.beats_per_bar * 60 / plan.bpm
    off = heard.bar_line_near(_HEARD_S / 3) / bar_s
    is_key = (heard.tonic, heard.mode) == (plan.tonic, plan.mode)
    relative = (plan.tonic + (9 if plan.mode == "major" else 3)) % 12
    is_relative = heard.mode != plan.mode and heard.tonic == relative
    return is_tempo, is_level, is_tempo and abs(off - round(off)) * bar_s < 0.06, is_key, is_key or is_relative


def _separations(tools: Tools) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Genre, and the ratios of the mix and of the stem for the voice, then for the band."""
    for seed, name in enumerate(_SUNG_GENRES, start=3):
        plan, score = _composed(name, seed, longest_s=45.0)
        voices = voices_of(plan, score, tools, lambda _share, _note: None)

        def backing(plan: Plan = plan, score: Score = score) -> Iterator[tuple[str, Audio]]:
            return render_backing(score, plan, tools.player)

        stems = dict(mix_apart(voices, backing, score, plan))
        whole = np.sum(list(stems.values()), axis=0, dtype=np.float32)
        voice, band = separate(whole)
        true_voice, true_band = stems["vocals"], whole - stems["vocals"]
        yield (
            name,
            (
                sdr_db(true_voice, whole),
                sdr_db(true_voice, voice),
                sdr_db(true_band, whole),
                sdr_db(true_band, band),
            ),
        )


def sdr_db(true: Audio, heard: Audio) -> float:
    """How much stronger what should be heard is than what else is heard."""
    return float(10 * np.log10(np.sum(np.square(true)) / np.sum(np.square(true - heard))))


if __name__ == "__main__":
    main()
