"""A clip that is sound without a score of its own: brought sound, a stem, a whole that holds brought sound."""

from pathlib import Path

from tutti.engines.song.files import Label, write_sound_files
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.intents import ClipResult, ClipSeat


def sound_clip(
    folder: Path, seat: ClipSeat, sound: Audio, mp3: bytes, *, label: Label, font: Path, lyrics: str = ""
) -> ClipResult:
    """The clip of a sound and its mp3, its files in the new folder."""
    files = write_sound_files(folder, mp3, label, font)
    return ClipResult(
        clip_id=seat.clip_id,
        title=label.title,
        tags=label.style,
        lyrics=lyrics,
        duration_s=round(sound.shape[1] / SAMPLE_RATE_HZ, 2),
        files={name: str(path) for name, path in files.items()},
        bpm=label.bpm,
        key=label.key or None,
    )
