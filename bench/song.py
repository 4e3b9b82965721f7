"""How good the singing and the songs are: the fixed lines of every voice, and finished songs where a folder is given.

Figures carry 95 % bootstrap intervals over lines, and none was ever listened to: they compare versions of Tutti.
"""

import argparse
import sys
from pathlib import Path

from bench.song_lines import VOICES
from bench.song_measure_mix import beat_grid, decode, measure_mix
from bench.song_measure_words import Ear
from bench.song_voices import judge_lines, voice_figures
from tutti.engines.song.singer import Singer
from tutti.models.runtime.kokoro import Kokoro, KokoroFiles
from tutti.settings import Settings


def main() -> None:
    """Print one table for each voice and one for the songs."""
    parser = argparse.ArgumentParser(prog="script/bench song", description=__doc__)
    parser.add_argument("--lines", type=int, default=40, help="fixed lines a language, of 40")
    parser.add_argument("--voices", default="", help="comma-separated voice names, by default all four")
    parser.add_argument("--models", type=Path, default=None, help="folder that the model store fills")
    parser.add_argument("--songs", type=Path, nargs="*", default=[], help="mp3 files, as NAME.mp3 or NAME@BPM.mp3")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    models = options.models or Settings().cache_dir / "models"
    if options.lines:
        singer = Singer(Kokoro(KokoroFiles.at(models / "kokoro", models / "kokoro-voices"), threads=options.threads))
        print_voices(singer, Ear(models / "whisper-base"), options.lines, options.voices)
    if options.songs:
        print_songs(options.songs)


def print_voices(singer: Singer, ear: Ear, count: int, only: str) -> None:
    for voice in VOICES:
        if only and voice.name not in only.split(","):
            continue
        figures = voice_figures(judge_lines(singer, ear, voice, count), voice.language)
        print_table(
            [f"{voice.name} ({voice.language})", "value [95 %]"],
            [(name, str(value)) for name, value in figures.items()],
        )


def print_songs(paths: list[Path]) -> None:
    rows = []
    for path in paths:
        audio, rate_hz = decode(path)
        mix = measure_mix(audio, rate_hz)
        _, _, bpm = path.stem.rpartition("@")
        tempo, off_ms = beat_grid(audio, rate_hz, float(bpm)) if bpm.isdigit() else (float("nan"), float("nan"))
        rows.append(
            (
                path.name,
                f"{mix.loudness_lufs:.1f}",
                f"{mix.true_peak_dbtp:.1f}",
                mix.clipped_samples,
                f"{mix.crest_db:.1f}",
                " ".join(f"{level:.0f}" for level in mix.bands_db),
                f"{mix.correlation:.2f}",
                f"{mix.mono_loss_db:.1f}",
                f"{tempo:.3f}",
                f"{off_ms:.0f}",
            )
        )
    heads = ["song", "LUFS", "dBTP", "clipped", "crest", "bands dB", "L/R", "mono loss", "tempo", "beats off ms"]
    print_table(heads, rows)


def print_table(heads: list[str], rows: list[tuple[object, ...]]) -> None:
    texts = [heads, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    for row in texts:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.write("\n")
    # Voices take minutes each; their tables are wanted as they come, in a file too.
    sys.stdout.flush()


if __name__ == "__main__":
    main()
