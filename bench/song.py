"""How good the singing and the songs are: fixed lines sung alone by each voice, and fixed songs rendered whole.

Figures carry 95 % bootstrap intervals over lines, and none was ever listened to: they compare versions of Tutti. The
singer's settings were found on lines 1 to 16 of each language, so lines 17 to 40 are the fair ones.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.song_lines import VOICES
from bench.song_measure_words import Ear
from bench.song_render import fixed_songs
from bench.song_songs import is_same_again, rendered_song, song_rows
from bench.song_voices import judge_lines, voice_figures
from tutti.models.runtime.kokoro import Kokoro, KokoroFiles
from tutti.settings import Settings

# What each figure should be; lines of the table without one are for comparison.
_BARS = {
    "pitch error, median cents": "<= 8",
    "frames within 50 cents": ">= 0.98",
    "onset, median of absolute ms": "<= 20",
    "words wrong (pinyin, morae)": "<= 0.08 (Mandarin: 0.15, Japanese: 0.3)",
    "DNSMOS sig": ">= 3",
    "held notes, median drop dB": "<= 6",
    "pitch, median cents": "<= 12",
    "within 50 cents": ">= 0.95",
    "onset, median abs ms": "<= 40",
    "words wrong, in the mix": "<= alone + 0.15",
    "loudness, LUFS": "-14 +- 0.5",
    "true peak of the mp3, dBTP": "<= -1",
    "clipped samples": "0",
    "crest, dB": "9 to 14",
    "left to right": "0.3 to 0.9",
    "mono loss, dB": "< 3",
    "voice over backing, dB": "0 to 3",
    "chorus over verse, LU": "1.5 to 4",
    "tracked tempo over plan": "0.98 to 1.02",
    "beats off, median ms": "<= 20",
    "chord tones on strong beats": ">= 0.8",
    "leaps": "<= 0.15",
    "in range": "1",
    "hook returns": ">= 2",
    "same seed, same mp3": "yes",
    "seconds on the clock per second": "<= 1.2",
    "VmHWM, MB": "<= 1200",
}


def main() -> None:
    """Print a table of the voices and one of the songs."""
    parser = argparse.ArgumentParser(prog="script/bench song", description=__doc__)
    parser.add_argument("--lines", type=int, default=40, help="fixed lines a language, of 40; 0 for none")
    parser.add_argument("--from-line", type=int, default=1, help="the first of them")
    parser.add_argument("--voices", default="", help="comma-separated voice names, by default all")
    parser.add_argument("--songs", type=int, default=99, help="how many of the fixed songs; 0 for none")
    parser.add_argument("--only", default="", help="comma-separated names of songs")
    parser.add_argument("--quick", action="store_true", help="six lines a language and the first song")
    parser.add_argument("--keep", type=Path, help="folder of the rendered songs; what lies there is not rendered again")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.quick:
        options.lines, options.songs = min(options.lines, 6), min(options.songs, 1)
    models = Settings().cache_dir / "models"
    ear = Ear(models / "whisper-base")
    if options.lines:
        files = KokoroFiles.at(models / "kokoro", models / "kokoro-voices")
        print_voices(Kokoro(files, threads=options.threads), ear, options)
    if options.songs:
        with tempfile.TemporaryDirectory() as scratch:
            print_songs(options.keep or Path(scratch), ear, options)


def print_voices(kokoro: Kokoro, ear: Ear, options: argparse.Namespace) -> None:
    """One column a voice."""
    numbers = range(options.from_line - 1, min(options.from_line - 1 + options.lines, 40))
    columns = {}
    for voice in VOICES:
        if options.voices and voice.name not in options.voices.split(","):
            continue
        judged = []
        for line in judge_lines(kokoro, ear, voice, numbers):
            judged.append(line)
            show_progress(len(judged), len(numbers), voice.name)
        columns[f"{voice.name} ({voice.language})"] = {name: str(row) for name, row in voice_figures(judged).items()}
    print_table(f"lines {numbers.start + 1} to {numbers.stop}", columns)


def print_songs(folder: Path, ear: Ear, options: argparse.Namespace) -> None:
    """One column a song."""
    every = fixed_songs()
    songs = [song for song in every if not options.only or song.name in options.only.split(",")]
    columns = {}
    for n, song in enumerate(songs[: options.songs]):
        home = folder / song.name.replace(" ", "-")
        rendered = rendered_song(song.name, home, threads=options.threads)
        show_progress(n, min(options.songs, len(songs)), f"measuring {song.name}")
        rows = song_rows(rendered, home, ear)
        if song is every[0]:
            again = is_same_again(rendered, folder / f"{home.name}-again", threads=options.threads)
            rows["same seed, same mp3"] = "yes" if again else "NO"
        columns[song.name] = rows
    print_table("songs (clip 1 / clip 2)", columns)


def show_progress(done: int, of: int, note: str) -> None:
    """A bar on standard error."""
    full = round(30 * done / of)
    sys.stderr.write(f"\r[{'#' * full}{'.' * (30 - full)}] {done}/{of} {note:<24}")
    if done == of:
        sys.stderr.write("\n")
    sys.stderr.flush()


def print_table(title: str, columns: dict[str, dict[str, str]]) -> None:
    """A Markdown table on standard output, the bar beside each row."""
    for row in _rows(title, columns):
        sys.stdout.write("| " + " | ".join(row) + " |\n")
    sys.stdout.write("\n")
    sys.stdout.flush()


def _rows(title: str, columns: dict[str, dict[str, str]]) -> Iterator[list[str]]:
    yield [title, "bar", *columns]
    yield ["---"] * (2 + len(columns))
    # In the order in which the fullest column has them.
    names = sorted({name: None for rows in columns.values() for name in rows}, key=_place(columns))
    for name in names:
        yield [name, _BARS.get(name, ""), *(rows.get(name, "") for rows in columns.values())]


def _place(columns: dict[str, dict[str, str]]):
    fullest = list(max(columns.values(), key=len, default={}))
    return lambda name: fullest.index(name) if name in fullest else len(fullest)


if __name__ == "__main__":
    main()
