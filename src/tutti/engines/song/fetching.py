"""Fetching weights in the midst of a job: its reporter is told how far that is."""

from pathlib import Path

from tutti.engines.engine import Reporter
from tutti.models.store import ModelStore, OnProgress, Progress

# What covers and films are written with.
FONT = "noto-sans-sc"


def load_font(models: ModelStore, report: Reporter) -> Path:
    """The font's file, fetched when it is missing. Raises `ModelFileError`, `DiskFullError`."""
    models.ensure((FONT,), pull_teller(report))
    return models.path(FONT)


def pull_teller(report: Reporter) -> OnProgress:
    """Tells a job's reporter what is being fetched."""

    def tell(progress: Progress) -> None:
        report.progress(0.0, f"fetching {progress.model}: {progress.note}")

    return tell
