"""Whole clips through the engine's door, where this machine has the weights."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.engines.song.told import Told
from tests.engines.song.weights import song_engine
from tutti.engines.engine import Job, JobCancelledError
from tutti.engines.song.dsp.levels import loudness_lufs, true_peak_db
from tutti.engines.song.engine import SongEngine
from tutti.engines.song.lyricist import LyricsEngine
from tutti.engines.song.model import SAMPLE_RATE_HZ
from tutti.engines.song.mp3 import decode_mp3
from tutti.engines.song.record import read_record
from tutti.engines.song.sounds import SoundsEngine
from tutti.errors import EngineError
from tutti.intents import ClipResult, ClipSeat, GoOn, LyricsWish, Song, SourceClip

SUNG = Song(
    seats=(ClipSeat(clip_id="a", seed=3),), lyrics="[Verse]\nHold the light", tags="pop, female voice", longest_s=20.0
)
PLAYED = Song(seats=(ClipSeat(clip_id="b", seed=4),), lyrics="", is_instrumental=True, tags="edm", longest_s=24.0)


class Rendering:
    """One engine for the module, its songs rendered when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._engine = song_engine()
        self._folder = folder

    def run(self, song: Song, name: str, inputs: dict[str, Path] | None = None) -> tuple[ClipResult, Told]:
        scratch, told = self._folder / name, Told()
        scratch.mkdir()
        job = Job(task_id=name, attempt=1, intent=song, scratch=scratch, inputs=inputs or {})
        return self._engine.run(job, told).clips[0], told


@pytest.fixture(scope="module")
def rendering(tmp_path_factory):
    return Rendering(tmp_path_factory.mktemp("songs"))


@pytest.fixture(scope="module")
def sung(rendering):
    return rendering.run(SUNG, "sung")


@pytest.fixture(scope="module")
def played(rendering):
    return rendering.run(PLAYED, "played")


def heard(clip: ClipResult) -> np.ndarray:
    return decode_mp3(Path(clip.files["audio"]).read_bytes())


@pytest.mark.parametrize("which", ["sung", "played"])
def test_clip_is_whole_and_as_loud_as_it_should_be(which, request):
    clip, told = request.getfixturevalue(which)
    assert set(clip.files) >= {"audio", "image", "image_large", "video", "plan", "score", "midi", "timed_lyrics"}
    assert all(Path(file).stat().st_size > 0 for file in clip.files.values())
    sound = heard(clip)
    assert np.isfinite(sound).all()
    assert sound.shape[1] / SAMPLE_RATE_HZ == pytest.approx(clip.duration_s, abs=0.1)
    assert loudness_lufs(sound) == pytest.approx(-14.0, abs=0.5)
    assert true_peak_db(sound) <= -1.0
    assert told.shares == sorted(told.shares)
    assert told.notes[-1] == "writing files"
    (early_index, early), whole = told.parts
    assert (early_index, early.is_growing, early.duration_s) == (0, True, None)
    assert early.files == {"audio": clip.files["audio"]}
    assert whole == (0, clip)


def test_sung_words_are_timed_within_the_song(sung):
    clip, _ = sung
    lines = json.loads(Path(clip.files["timed_lyrics"]).read_bytes())
    assert [line["text"] for line in lines] == ["Hold the light"]
    assert 0 <= lines[0]["start_s"] < lines[0]["end_s"] < clip.duration_s


def test_same_seed_gives_the_same_mp3(sung, rendering):
    again, _ = rendering.run(SUNG, "sung-again")
    assert Path(again.files["audio"]).read_bytes() == Path(sung[0].files["audio"]).read_bytes()


def test_continuation_goes_on_in_the_same_key_and_tempo_without_a_step(played, rendering):
    old, _ = played
    at_s = 12.0
    more = msgspec.structs.replace(
        PLAYED,
        seats=(ClipSeat(clip_id="c", seed=9),),
        longest_s=old.duration_s + 6.0,
        source=GoOn(clip=SourceClip(clip_id="b", plan_key="plan", audio_key="audio"), at_s=at_s),
    )
    inputs = {"plan": Path(old.files["plan"]), "audio": Path(old.files["audio"])}
    new, _ = rendering.run(more, "more", inputs)
    assert new.duration_s > old.duration_s
    assert (new.bpm, new.key) == (old.bpm, old.key)
    before, after = heard(old), heard(new)
    kept = slice(2 * SAMPLE_RATE_HZ, 10 * SAMPLE_RATE_HZ)
    assert loudness_lufs(after[:, kept]) == pytest.approx(loudness_lufs(before[:, kept]), abs=1.0)
    assert read_record(Path(new.files["plan"])).plan.seed == read_record(inputs["plan"]).plan.seed


def test_song_stops_where_it_is_cancelled(rendering, tmp_path):
    class Cancelled(Told):
        def progress(self, fraction, note=""):
            super().progress(fraction, note)
            if note.startswith("singing"):
                raise JobCancelledError

    job = Job(task_id="x", attempt=1, intent=SUNG, scratch=tmp_path, inputs={})
    told = Cancelled()
    with pytest.raises(JobCancelledError):
        rendering._engine.run(job, told)
    assert (told.notes[-1].partition(" ")[0], told.parts) == ("singing", [])


def test_lyrics_engine_writes_a_titled_song(tmp_path):
    wish = LyricsWish(prompt="a rainy market street at dusk", seed=1)
    words = LyricsEngine().run(Job(task_id="w", attempt=1, intent=wish, scratch=tmp_path, inputs={}), Told())
    assert words.title
    assert "[Chorus]" in words.text


@pytest.mark.parametrize(
    ("engine", "intent"),
    [
        (SongEngine(cache_dir="unused"), LyricsWish(prompt="x", seed=1)),
        (SoundsEngine(cache_dir="unused"), SUNG),
        (LyricsEngine(), SUNG),
    ],
    ids=["song", "sounds", "lyrics"],
)
def test_engines_refuse_what_is_not_theirs(engine, intent, tmp_path):
    with pytest.raises(EngineError, match="does not serve"):
        engine.run(Job(task_id="x", attempt=1, intent=intent, scratch=tmp_path, inputs={}), Told())
