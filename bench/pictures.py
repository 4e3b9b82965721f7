"""Pictures that explain how a song is made: its form, one line's tune as written and as sung, and its spectrogram."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.signal import spectrogram

from bench.song_measure_voice import track
from bench.song_songs import Lead
from tutti.engines.song.model import SAMPLE_RATE_HZ, Plan, Score
from tutti.engines.song.singer.phrases import PitchedNote, line_phrases
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ as VOICE_RATE_HZ

mpl.use("Agg")

_DPI = 110
_COLOURS = {
    "intro": "#9aa5b1",
    "verse": "#7fb3d5",
    "pre-chorus": "#c39bd3",
    "chorus": "#f5b041",
    "bridge": "#76d7c4",
    "break": "#d5dbdb",
    "outro": "#9aa5b1",
}


def draw_form(plan: Plan, score: Score, audio: np.ndarray, path: Path) -> None:
    """Sections on a time line over the loudness of what was rendered."""
    figure = Figure(figsize=(9, 2.6), layout="constrained")
    axes = figure.subplots()
    bar_s = score.duration_s / score.bars
    for section in plan.sections:
        start_s, end_s = section.start_bar * bar_s, (section.start_bar + section.bars) * bar_s
        axes.axvspan(start_s, end_s, color=_COLOURS[section.kind], alpha=0.5, linewidth=0)
        axes.text((start_s + end_s) / 2, -7.5, section.label or section.kind, ha="center", fontsize=8)
    times_s, levels_db = _levels(audio)
    axes.plot(times_s, levels_db, color="#1b2631", linewidth=0.7)
    axes.set(xlim=(0, times_s[-1]), ylim=(-45, -5), xlabel="seconds", ylabel="level, dB")
    axes.set_title(f"{plan.title}: {plan.genre}, {plan.bpm:g} quarter notes a minute", fontsize=10)
    _save(figure, path)


def draw_tune(lead: Lead, path: Path) -> None:
    """Written notes as bars with their syllables, the sung pitch as a line over them."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots()
    for text, notes in _syllables(lead):
        for note in notes:
            axes.barh(note.pitch, note.length_s, left=note.start_s, height=0.8, color="#f5b041", alpha=0.7)
        axes.text(notes[0].start_s, notes[0].pitch + 0.7, text.strip(), fontsize=8)
    sung = track(lead.audio, VOICE_RATE_HZ, lead.start_s)
    is_voiced = sung.hz > 0
    pitch = np.full(len(sung.hz), np.nan)
    pitch[is_voiced] = 69.0 + 12.0 * np.log2(sung.hz[is_voiced] / 440.0)
    axes.plot(sung.times_s, pitch, color="#1a5276", linewidth=1.2)
    written = [note.pitch for _, notes in _syllables(lead) for note in notes]
    axes.set(xlabel="seconds", ylabel="MIDI note", ylim=(min(written) - 3, max(written) + 3))
    axes.set_title(f"“{lead.line.text}” as written (bars) and as sung (line, by SwiftF0)", fontsize=10)
    _save(figure, path)


def draw_articulation(lead: Lead, path: Path) -> None:
    """The spectrogram of a sung line, 0 to 8 kHz, the beginnings of its notes marked."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots()
    hz, times_s, power = spectrogram(lead.audio, VOICE_RATE_HZ, nperseg=1024, noverlap=768)
    levels_db = 10 * np.log10(power + 1e-12)
    top = float(levels_db.max())
    axes.pcolormesh(
        times_s + lead.start_s, hz / 1000, levels_db, vmin=top - 70, vmax=top, cmap="magma", rasterized=True
    )
    _mark_notes(axes, lead)
    axes.set(ylim=(0, 8), xlabel="seconds", ylabel="kHz")
    axes.set_title(f"“{lead.line.text}”: harmonics held on the vowels, consonants between them", fontsize=10)
    _save(figure, path)


def _mark_notes(axes: Axes, lead: Lead) -> None:
    for text, notes in _syllables(lead):
        axes.axvline(notes[0].start_s, color="white", linewidth=0.6, alpha=0.7)
        axes.text(notes[0].start_s + 0.02, 7.5, text.strip(), color="white", fontsize=8)


def _syllables(lead: Lead) -> list[tuple[str, tuple[PitchedNote, ...]]]:
    phrases = line_phrases(lead.line, lead.score)
    return [(sung.syllable.text, tuple(sung.notes)) for phrase in phrases for sung in phrase]


def _levels(audio: np.ndarray, hop_s: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Times in seconds and RMS levels in dB of frames of `hop_s`."""
    hop = round(hop_s * SAMPLE_RATE_HZ)
    frames = audio.mean(axis=0)[: audio.shape[1] // hop * hop].reshape(-1, hop)
    return np.arange(len(frames)) * hop_s, 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) + 1e-6)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=_DPI)
