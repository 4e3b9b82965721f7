"""Make docs/songs: a short cut of each fixed song, its plan, its measures, and the pictures of the method's page.

The songs are those of `script/bench song`; with `--keep` the same folder serves both, so that what is shown is what was
measured.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from bench.pictures import draw_articulation, draw_form, draw_tune
from bench.song_measure_words import Ear
from bench.song_render import RenderedSong, fixed_songs
from bench.song_songs import read_leads, rendered_song, song_rows
from tutti.engines.song.model import SAMPLE_RATE_HZ, Plan, Score, SectionKind
from tutti.engines.song.mp3 import decode_mp3, encode_mp3
from tutti.engines.song.record import read_record
from tutti.settings import Settings

_DOCS = Path(__file__).parent.parent / "docs"
# Long enough for a chorus to begin and land, short enough for six cuts in a repository.
_CUT_S = 15.0
_FADE_S = 0.4
# Six of the fixed songs: more would be too much to carry in a repository.
_SONGS = frozenset({"folk", "punk", "pop", "ballad zh", "chinese", "edm"})
# The song whose pictures explain the method, and what of a song's figures the page tells.
_EXPLAINED = "pop"
_SHOWN = (
    "length, s",
    "loudness, LUFS",
    "true peak of the mp3, dBTP",
    "voice over backing, dB",
    "chorus over verse, LU",
    "tracked tempo over plan",
    "pitch, median cents",
    "within 50 cents",
    "onset, median abs ms",
    "words wrong, voice alone",
    "words wrong, in the mix",
)

_INTRODUCTION = """# Six songs

Cut from the fixed songs of `script/bench song`, each from the start of its first chorus, with the plan that it was made
from. `script/bench showcase` makes this page and its files again. Two figures are those of a song's two versions; the
cut is of the first. Words were heard by Whisper base, which errs on clear speech too. How it is done stands in
[how a song is made](../architecture/03-song-engine.md).
"""


def main() -> None:
    """Write every file."""
    parser = argparse.ArgumentParser(prog="script/bench showcase", description=__doc__)
    parser.add_argument("--keep", type=Path, help="folder of the rendered songs; what lies there is not rendered again")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    ear = Ear(Settings().cache_dir / "models" / "whisper-base")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        columns = {}
        for song in [each for each in fixed_songs() if each.name in _SONGS]:
            home = folder / song.name.replace(" ", "-")
            rendered = rendered_song(song.name, home, threads=options.threads)
            columns[home.name] = song_rows(rendered, home, ear)
            write_cut(rendered, _DOCS / "songs" / home.name)
            if song.name == _EXPLAINED:
                draw_pictures(rendered, home)
        page = "\n".join(page_rows(columns))
    (_DOCS / "songs" / "README.md").write_text(page + "\n", "utf-8")


def write_cut(song: RenderedSong, stem: Path) -> None:
    """The beginning of the first chorus as mp3, and the plan of the whole song as JSON."""
    clip = song.clips[0]
    record = read_record(Path(clip.files["plan"]))
    audio = decode_mp3(Path(clip.files["audio"]).read_bytes())
    first = round(chorus_start_s(record.plan, record.score) * SAMPLE_RATE_HZ)
    cut = audio[:, first : first + round(_CUT_S * SAMPLE_RATE_HZ)].copy()
    fade = np.linspace(0.0, 1.0, round(_FADE_S * SAMPLE_RATE_HZ), dtype=np.float32)
    cut[:, : len(fade)] *= fade
    cut[:, -len(fade) :] *= fade[::-1]
    stem.parent.mkdir(exist_ok=True)
    stem.with_suffix(".mp3").write_bytes(encode_mp3(cut))
    stem.with_suffix(".plan.json").write_bytes(msgspec.json.format(msgspec.json.encode(record.plan), indent=1) + b"\n")


def chorus_start_s(plan: Plan, score: Score) -> float:
    """Where the first chorus begins, with a breath before it; a quarter into a song that has none."""
    bar_s = score.duration_s / score.bars
    starts = [section.start_bar for section in plan.sections if section.kind is SectionKind.CHORUS]
    return max(0.0, (starts[0] if starts else score.bars // 4) * bar_s - _FADE_S)


def draw_pictures(song: RenderedSong, home: Path) -> None:
    """Form, tune and articulation of one song, for the page on the method."""
    record = read_record(Path(song.clips[0].files["plan"]))
    audio = decode_mp3(Path(song.clips[0].files["audio"]).read_bytes())
    lead = max(read_leads(home / "lead-1.npz"), key=lambda each: len(each.line.syllables))
    images = _DOCS / "images"
    draw_form(record.plan, record.score, audio, images / "song-form.png")
    draw_tune(lead, images / "song-tune.png")
    draw_articulation(lead, images / "song-spectrogram.png")


def page_rows(columns: dict[str, dict[str, str]]) -> Iterator[str]:
    """The page, line by line."""
    yield _INTRODUCTION
    yield "| song | " + " | ".join(f"[{name}]({name}.mp3)" for name in columns) + " |"
    yield "| --- |" + " --- |" * len(columns)
    yield "| plan | " + " | ".join(f"[plan]({name}.plan.json)" for name in columns) + " |"
    for figure in _SHOWN:
        yield f"| {figure} | " + " | ".join(rows.get(figure, "") for rows in columns.values()) + " |"


if __name__ == "__main__":
    main()
