"""A short song from score to files, once for each module run, and what a listener would check."""

import dataclasses
import json

import av
import numpy as np
import pytest

from tests.engines.song.sample import MANDARIN, make_plan, make_score, make_voice
from tests.engines.song.weights import sound_font_player, text_font
from tutti.engines.song.backing import length_samples, render_backing
from tutti.engines.song.cover.cover import draw_cover
from tutti.engines.song.desk import DESKS, find_channel, find_desk
from tutti.engines.song.dsp.levels import loudness_lufs
from tutti.engines.song.files import FileWish, make_sleeve, write_files
from tutti.engines.song.keys import key_name
from tutti.engines.song.master import Mastered, master
from tutti.engines.song.mix import Mixed, mix, mix_apart
from tutti.engines.song.mp3 import decode_mp3, encode_mp3
from tutti.engines.song.record import ClipRecord, read_record, write_record
from tutti.engines.song.timed import time_lines
from tutti.engines.song.video.film import FPS, write_video
from tutti.errors import EngineError
from tutti.intents import ClipSeat, Song

PLAN = make_plan(bars=8)
SCORE = make_score(PLAN, lines=MANDARIN)


def _mix(**changes: object) -> Mixed:
    voices = changes.get("voices", make_voice(SCORE, tracks=("lead", "doubles", "harmony")))
    plan = dataclasses.replace(PLAN, genre=changes.get("genre", "pop"))
    return mix(voices, render_backing(SCORE, plan, sound_font_player()), SCORE, plan)


@pytest.fixture(scope="module")
def mixed() -> Mixed:
    return _mix()


@pytest.fixture(scope="module")
def mastered(mixed) -> Mastered:
    return master(mixed.audio, genre="pop")


def test_the_voice_stands_over_the_backing(mixed):
    assert mixed.voice_over_backing_db == pytest.approx(find_desk("pop").voice_over_backing_db, abs=0.1)
    assert mixed.audio.shape == (2, length_samples(SCORE))
    assert np.isfinite(mixed.audio).all()


def test_the_same_seed_gives_the_same_samples(mixed):
    assert np.array_equal(_mix().audio, mixed.audio)


def test_the_stems_of_a_mix_sum_to_it(mixed):
    voices = make_voice(SCORE, tracks=("lead", "doubles", "harmony"))
    stems = dict(mix_apart(voices, lambda: render_backing(SCORE, PLAN, sound_font_player()), SCORE, PLAN))
    assert list(stems) == [*(part.name for part in SCORE.parts), "vocals"]
    assert np.allclose(sum(stems.values()), mixed.audio, atol=2e-4)


def test_voices_are_used_up():
    voices = make_voice(SCORE, tracks=("lead", "harmony"))
    _mix(voices=voices)
    assert not voices.tracks


def test_an_instrumental_has_no_voice():
    mixed = _mix(voices=None, genre="edm")
    assert mixed.voice_over_backing_db is None
    assert loudness_lufs(mixed.audio) > -40


@pytest.mark.parametrize("genre", DESKS)
def test_desks_keep_the_voice_in_its_range(genre):
    assert 0 <= DESKS[genre].voice_over_backing_db <= 3


@pytest.mark.parametrize(
    ("genre", "row"),
    [("Punk Rock", "punk"), ("chinese-style", "chinese-style"), ("zydeco", "pop"), ("hip-hop", "hip-hop")],
)
def test_genres_find_their_desk(genre, row):
    assert find_desk(genre) is DESKS[row]


def test_parts_find_their_channel():
    assert find_channel("strings-2").level_db == find_channel("strings").level_db
    assert find_channel("theremin").room > 0


def test_the_master_meets_the_delivery_targets(mastered):
    assert mastered.loudness_lufs == pytest.approx(-14, abs=0.5)
    assert mastered.true_peak_dbtp <= -1
    heard = decode_mp3(mastered.mp3)
    crest = 20 * np.log10(np.abs(heard).max() / np.sqrt(np.square(heard).mean()))
    assert 9 <= crest <= 16
    assert 0.3 <= np.corrcoef(heard)[0, 1] <= 0.95


def test_hot_mixes_stay_below_the_ceiling():
    rng = np.random.default_rng(5)
    burst = rng.standard_normal((2, 4 * 44_100)).astype(np.float32) * np.tile(
        np.r_[np.ones(300), np.full(8520, 0.03)], 20
    )
    finished = master(burst.astype(np.float32), genre="ballad")
    assert finished.true_peak_dbtp <= -1


def test_a_silent_mix_is_an_error():
    with pytest.raises(EngineError, match="silent"):
        master(np.zeros((2, 100_000), np.float32), genre="pop")


def test_mp3_keeps_the_level():
    time = np.arange(88_200) / 44_100
    tone = np.repeat(0.3 * np.sin(2 * np.pi * 1000 * time)[None], 2, axis=0).astype(np.float32)
    heard = decode_mp3(encode_mp3(tone))[:, 20_000:60_000]
    assert np.sqrt(np.square(heard).mean()) == pytest.approx(0.3 / np.sqrt(2), rel=0.01)


def test_mp3_keeps_the_time():
    click = np.zeros((2, 88_200), np.float32)
    click[:, 44_100] = 0.9
    assert np.argmax(np.abs(decode_mp3(encode_mp3(click))[0])) == 44_100


def test_all_files_of_a_clip_are_there(mastered, tmp_path):
    record = ClipRecord(
        request=Song(seats=(ClipSeat(clip_id="a", seed=5),), lyrics="x"),
        seed=5,
        plan=PLAN,
        score=SCORE,
        lyrics="[Verse]",
    )
    wish = FileWish(record=record, words="pop", font=text_font())
    files = write_files(tmp_path, mastered, wish, make_sleeve(wish))
    assert set(files) == {
        "audio",
        "image",
        "image_large",
        "video",
        "plan",
        "score",
        "midi",
        "timed_lyrics",
        "lrc",
        "waveform",
    }
    assert {path.parent for path in files.values()} == {tmp_path}
    assert not {name: size for name, path in files.items() if (size := path.stat().st_size) < 100}
    assert read_record(files["plan"]) == record
    assert json.loads(files["timed_lyrics"].read_bytes())[0]["text"] == MANDARIN[0]
    with av.open(str(files["audio"]), "r") as audio:
        assert audio.metadata["title"] == PLAN.title
        assert audio.streams.audio[0].rate == 44_100
        assert audio.duration / 1e6 == pytest.approx(mastered.audio.shape[1] / 44_100, abs=0.1)
    with av.open(str(files["video"]), "r") as film:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (picture.width, picture.height) == (640, 640)
        assert film.duration / 1e6 == pytest.approx(mastered.audio.shape[1] / 44_100, abs=0.15)


def test_the_film_sweeps_the_sung_words(tmp_path):
    line = time_lines(SCORE)[0]
    cover = draw_cover(title="A", style="pop", words="pop", seed=1, font=text_font())
    audio = np.zeros((2, int((line.end_s + 1) * 44_100)), np.float32)
    write_video(tmp_path / "film.mp4", audio, cover=cover, lines=(line,), font=text_font())
    with av.open(str(tmp_path / "film.mp4"), "r") as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) == round(audio.shape[1] / 44_100 * FPS)
    before, halfway, after = (
        frames[int(second * FPS)][372:430].astype(int)
        for second in (line.start_s - 0.3, (line.start_s + line.end_s) / 2, line.end_s + 0.1)
    )
    changed = np.abs(halfway - before).max(axis=(0, 2)) > 60
    assert changed[:300].any()
    assert not changed[360:].any()
    assert (np.abs(after - before).max(axis=(0, 2)) > 60)[360:].any()


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 1}', b"\xff"])
def test_a_broken_record_is_an_error(content, tmp_path):
    (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(EngineError, match=r"plan\.json"):
        read_record(tmp_path / "plan.json")


def test_a_record_of_another_version_is_refused(tmp_path):
    record = ClipRecord(request=Song(seats=()), seed=1, plan=PLAN, score=SCORE, version=2)
    write_record(tmp_path / "plan.json", record)
    with pytest.raises(EngineError, match="version 2"):
        read_record(tmp_path / "plan.json")


def test_keys_have_their_names():
    assert key_name(PLAN.tonic, PLAN.mode) == "Am"
    assert key_name(6, "major") == "F#"
