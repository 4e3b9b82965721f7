from pathlib import Path

import numpy as np

from tutti.engines.song.growing import GrowingMp3
from tutti.engines.song.id3 import Tags, to_id3
from tutti.engines.song.master import encoded_below_ceiling

TAGS = Tags(title="Lantern", lyrics="I left a lantern by the door")


def _sound() -> np.ndarray:
    return (np.random.default_rng(1).standard_normal((2, 6 * 44_100)) * 0.1).astype(np.float32)


def test_a_growing_file_can_be_read_as_far_as_it_is_told(tmp_path: Path):
    path, told = tmp_path / "audio.mp3", list[tuple[int, int]]()
    with GrowingMp3(path, TAGS, lambda size: told.append((size, path.stat().st_size))) as growing:
        finished = encoded_below_ceiling(_sound(), on_bytes=growing)
    assert path.read_bytes() == to_id3(TAGS) + finished.mp3
    assert told[0][0] == len(to_id3(TAGS))
    assert len(told) > 2
    assert all(size == on_disk for size, on_disk in told)


def test_sound_that_begins_anew_is_laid_over_the_old(tmp_path: Path):
    path, told = tmp_path / "audio.mp3", list[int]()
    with GrowingMp3(path, TAGS, told.append) as growing:
        for piece in (b"a" * 1000, b"b" * 1000, b"", b"c" * 500, b"d" * 1000):
            growing(piece)
        # A reader who is ahead finds what was there.
        assert path.stat().st_size == len(to_id3(TAGS)) + 2000
    assert path.read_bytes() == to_id3(TAGS) + b"c" * 500 + b"d" * 1000
    assert told == sorted(told)
