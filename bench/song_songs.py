"""The songs' part of `bench/song.py`: every fixed song rendered by a process of its own, then measured as heard."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from bench.song_measure_mix import beat_grid, measure_mix, section_contrast_lu
from bench.song_measure_stats import mean, median, pooled_median, pooled_rate
from bench.song_measure_timbre import dnsmos
from bench.song_measure_voice import held_drops_db, onset_errors_ms, pitch_cents, track
from bench.song_measure_words import Ear, is_loop, word_errors
from bench.song_render import RenderedSong
from tutti.engines.song.blend import song_metre
from tutti.engines.song.measures import difference, measure
from tutti.engines.song.model import SAMPLE_RATE_HZ, Plan, Score, SectionKind, VocalLine
from tutti.engines.song.mp3 import decode_mp3
from tutti.engines.song.record import ClipRecord, read_record
from tutti.engines.song.singer.phrases import line_phrases
from tutti.intents import ClipResult
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ as VOICE_RATE_HZ

# Lines of a clip whose words are listened for in the mix; the recogniser is half of a measurement's cost.
_LINES_HEARD = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """One sung lead line as it left the singer."""

    line: VocalLine
    score: Score
    audio: np.ndarray
    start_s: float


def rendered_song(name: str, folder: Path, *, threads: int, clips: int = 4) -> RenderedSong:
    """Render a song into `folder`, or take what lies there from an earlier run. Raises `CalledProcessError`."""
    told = folder / "rendered.json"
    if not told.exists():
        folder.mkdir(parents=True, exist_ok=True)
        sys.stderr.write(f"{name}\n")
        command = [sys.executable, "-m", "bench.song_render", name, str(folder)]
        subprocess.run([*command, "--threads", str(threads), "--clips", str(clips)], check=True)
    return msgspec.json.decode(told.read_bytes(), type=RenderedSong)


def song_rows(song: RenderedSong, folder: Path, ear: Ear) -> dict[str, str]:
    """The rows of a song's column; figures of two clips stand side by side."""
    clips = [_clip_rows(clip, folder, number, ear) for number, clip in enumerate(song.clips, 1)]
    rows = {name: " / ".join(clip[name] for clip in clips if name in clip) for name in clips[0]}
    over = [f"{balance:.1f}" for balance in song.voice_over_backing_db if balance is not None]
    rows["voice over backing, dB"] = " / ".join(over)
    rows["tunes differ"] = " / ".join(f"{share:.0%}" for share in _differences(song))
    seconds = sum(clip.duration_s or 0.0 for clip in song.clips)
    rows["seconds on the clock per second"] = f"{song.wall_s / seconds:.2f}"
    rows["core seconds per second"] = f"{song.cpu_s / seconds:.2f}"
    spent = sum(song.stages_s.values())
    rows["shares of the stages"] = ", ".join(f"{name} {s / spent:.0%}" for name, s in song.stages_s.items() if s > 0.5)
    rows["VmHWM, MB"] = f"{song.peak_memory_mb:.0f}"
    return rows


def is_same_again(song: RenderedSong, folder: Path, *, threads: int) -> bool:
    """Whether the first clip, rendered by another process, has the same bytes of MP3."""
    again = rendered_song(song.name, folder, threads=threads, clips=1)
    first, second = (hashlib.sha256(_file(each.clips[0], "audio").read_bytes()).digest() for each in (song, again))
    return first == second


def _clip_rows(clip: ClipResult, folder: Path, number: int, ear: Ear) -> dict[str, str]:
    record = read_record(_file(clip, "plan"))
    audio, rate_hz = decode_mp3(_file(clip, "audio").read_bytes()), SAMPLE_RATE_HZ
    leads = list(read_leads(folder / f"lead-{number}.npz"))
    return {
        "length, s": f"{audio.shape[1] / rate_hz:.0f}",
        **_mix_rows(audio, rate_hz),
        **_music_rows(record, audio, rate_hz),
        **(_voice_rows(leads, ear) if leads else {}),
        **(_heard_rows(record, audio, rate_hz, ear) if leads else {}),
    }


def _mix_rows(audio: np.ndarray, rate_hz: int) -> dict[str, str]:
    mix = measure_mix(audio, rate_hz)
    return {
        "loudness, LUFS": f"{mix.loudness_lufs:.1f}",
        "true peak of the mp3, dBTP": f"{mix.true_peak_dbtp:.1f}",
        "clipped samples": str(mix.clipped_samples),
        "crest, dB": f"{mix.crest_db:.1f}",
        "bands to 0.25 0.5 2 4 8 16 kHz, dB": " ".join(f"{level:.0f}" for level in mix.bands_db),
        "left to right": f"{mix.correlation:.2f}",
        "mono loss, dB": f"{mix.mono_loss_db:.1f}",
    }


def _music_rows(record: ClipRecord, audio: np.ndarray, rate_hz: int) -> dict[str, str]:
    plan, score = record.plan, record.score
    # Whoever taps along to two groups of three eighths taps dotted quarters; plans count quarters.
    tapped_bpm = plan.bpm / 1.5 if song_metre(plan) == "6/8" else plan.bpm
    tempo, off_ms = beat_grid(audio, rate_hz, tapped_bpm)
    notes = measure(plan, score)
    rows = {"tracked tempo over plan": f"{tempo:.3f}", "beats off, median ms": f"{off_ms:.0f}"}
    choruses, verses = (_spans(plan, score, kind) for kind in (SectionKind.CHORUS, SectionKind.VERSE))
    if choruses and verses:
        rows["chorus over verse, LU"] = f"{section_contrast_lu(audio, rate_hz, choruses, verses):.1f}"
    if score.vocals:
        rows["chord tones on strong beats"] = f"{notes.chord_tone_rate:.2f}"
        rows["leaps"] = f"{notes.leap_rate:.2f}"
        rows["in range"] = f"{notes.in_range_rate:.2f}"
        rows["hook returns"] = str(notes.hook_count)
    return rows


def _voice_rows(leads: list[Lead], ear: Ear) -> dict[str, str]:
    cents, onsets, drops, sigs, words, surprises = [], [], [], [], [], []
    for lead in leads:
        pitch = track(lead.audio, VOICE_RATE_HZ, lead.start_s)
        phrases = line_phrases(lead.line, lead.score)
        notes = [note for phrase in phrases for syllable in phrase for note in syllable.notes]
        cents.append(np.abs(pitch_cents(pitch, notes)))
        onsets.append(np.abs(onset_errors_ms(pitch, phrases)))
        drops.append(held_drops_db(lead.audio, VOICE_RATE_HZ, lead.start_s, notes))
        sigs.append(dnsmos(lead.audio, VOICE_RATE_HZ)["sig"])
        heard = ear.hear(lead.audio, VOICE_RATE_HZ, lead.line.language)
        surprises.append(ear.surprise(lead.audio, VOICE_RATE_HZ, lead.line.text, lead.line.language))
        if not is_loop(heard, lead.line.text):
            words.append(word_errors(lead.line.text, heard, lead.line.language))
    return {
        "pitch, median cents": f"{pooled_median(cents).value:.1f}",
        "within 50 cents": f"{mean([float(np.mean(c < 50)) for c in cents if len(c)]).value:.3f}",
        "onset, median abs ms": f"{pooled_median(onsets).value:.0f}",
        "held notes, median drop dB": f"{pooled_median(drops).value:.1f}",
        "DNSMOS sig": f"{median(sigs).value:.2f}",
        "words wrong, voice alone": _short(words),
        "surprise at the words, alone, nats": f"{np.mean(surprises):.2f}",
    }


def _heard_rows(record: ClipRecord, audio: np.ndarray, rate_hz: int, ear: Ear) -> dict[str, str]:
    """Words in the finished mix, each line cut out with a little around it."""
    words, surprises, score, middle = [], [], record.score, audio.mean(axis=0)
    for line in score.vocals[:_LINES_HEARD]:
        first, last = line.syllables[0].notes[0], line.syllables[-1].notes[-1]
        start_s = max(0.0, score.seconds_at(first.onset_ticks) - 0.4)
        end_s = score.seconds_at(last.onset_ticks + last.length_ticks) + 0.2
        sound = middle[round(start_s * rate_hz) : round(end_s * rate_hz)]
        heard = ear.hear(sound, rate_hz, line.language)
        surprises.append(ear.surprise(sound, rate_hz, line.text, line.language))
        if not is_loop(heard, line.text):
            words.append(word_errors(line.text, heard, line.language))
    return {
        "words wrong, in the mix": _short(words),
        "surprise at the words, in the mix, nats": f"{np.mean(surprises):.2f}",
    }


def _short(words: list[tuple[int, int]]) -> str:
    figure = pooled_rate([wrong for wrong, _ in words], [count for _, count in words])
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def _spans(plan: Plan, score: Score, kind: SectionKind) -> list[tuple[float, float]]:
    bar_s = score.duration_s / score.bars
    return [
        (section.start_bar * bar_s, (section.start_bar + section.bars) * bar_s)
        for section in plan.sections
        if section.kind is kind
    ]


def _differences(song: RenderedSong) -> list[float]:
    scores = [read_record(_file(clip, "plan")).score for clip in song.clips]
    return [difference(one, other) for one, other in pairwise(scores)]


def read_leads(path: Path) -> Iterator[Lead]:
    with np.load(path) as kept:
        for n in range(len(kept.files) // 2):
            packed = kept[f"line{n}"].tobytes()
            line, score, start_s = msgspec.msgpack.decode(packed, type=tuple[VocalLine, Score, float])
            yield Lead(line=line, score=score, audio=kept[f"audio{n}"], start_s=start_s)


def _file(clip: ClipResult, name: str) -> Path:
    return Path(clip.files[name])
