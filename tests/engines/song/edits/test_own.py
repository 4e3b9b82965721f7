"""What is made of our own clips."""

import json
import wave
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.engines.song.edits.tiny import PLAYED, SUNG, Told, seat
from tutti.engines.engine import JobCancelledError
from tutti.engines.song.dsp.levels import loudness_lufs
from tutti.engines.song.model import SAMPLE_RATE_HZ as RATE
from tutti.engines.song.mp3 import decode_mp3
from tutti.engines.song.record import read_record
from tutti.errors import InvalidRequestError
from tutti.intents import Accompany, Concat, Cover, GoOn, Replace, SingOver, SoundFile, Stems

replace = msgspec.structs.replace


def heard(clip):
    return decode_mp3(Path(clip.files["audio"]).read_bytes())


def record_of(clip):
    return read_record(Path(clip.files["plan"]))


def struck(score):
    """What each part plays when; notes that sound over a joint end there."""
    return {part.name: [(note.onset_ticks, note.pitch) for note in part.notes] for part in score.parts}


@pytest.fixture(scope="module")
def old(studio, played):
    return read_record(studio._inputs[played.plan_key])


@pytest.fixture(scope="module")
def part(studio, played):
    """What goes on from the played song at 8 s, alone."""
    return studio.clip(
        replace(PLAYED, seats=seat("part"), longest_s=12.0, source=GoOn(clip=played, at_s=8.0, is_whole=False))
    )


@pytest.fixture(scope="module")
def whole(studio, played, part):
    """Both joined."""
    pieces = (GoOn(clip=played, at_s=8.0), GoOn(clip=studio.source(part), at_s=part.duration_s))
    return studio.clip(Concat(seat=seat("whole")[0], pieces=pieces, title="All Hills"))


def test_part_and_song_joined_are_one_song(studio, played, part, whole, old):
    record = record_of(whole)
    kept = round(8.0 / old.bar_s)
    assert record.score.bars == kept + record_of(part).score.bars
    assert (whole.title, whole.bpm, whole.key) == ("All Hills", part.bpm, part.key)
    assert whole.duration_s == pytest.approx(kept * old.bar_s + part.duration_s, abs=0.05)
    assert [(each.from_bar, each.to_bar) for each in record.excerpts] == [(0, kept), (0, record.score.bars - kept)]
    before = decode_mp3(studio._inputs[played.audio_key].read_bytes())
    first = slice(RATE, int((kept * old.bar_s - 1) * RATE))
    assert np.corrcoef(heard(whole)[0, first], before[0, first])[0, 1] > 0.99


def test_join_has_no_step_of_level_and_no_click(whole, old):
    sound = heard(whole)
    at = round(round(8.0 / old.bar_s) * old.bar_s * RATE)
    fade = round(0.5 * old.bar_s * RATE)
    before = loudness_lufs(sound[:, at - 3 * RATE : at])
    after = loudness_lufs(sound[:, at : at + 3 * RATE])
    assert abs(after - before) <= 1.0
    steps = np.abs(np.diff(sound, axis=1))
    assert steps[:, at - 100 : at + fade].max() <= np.percentile(steps, 99.99) * 2


def test_wav_of_a_joined_song_is_its_sound_before_the_mp3(studio, whole):
    result = studio.run(SoundFile(clip=studio.source(whole), form="wav"))
    with wave.open(result.files["wav"]) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T / 32767
    sound = heard(whole)
    assert samples.shape[1] == pytest.approx(sound.shape[1], abs=5000)
    length = min(samples.shape[1], sound.shape[1])
    assert np.corrcoef(samples[0, :length], sound[0, :length])[0, 1] > 0.97


def test_replaced_stretch_leaves_the_rest_and_sings_the_new_words(studio, played, old):
    source = Replace(clip=played, start_s=7.0, end_s=13.0)
    wish = replace(PLAYED, seats=seat("r"), is_instrumental=False, lyrics="Rivers run", source=source)
    clip = studio.clip(wish)
    record = record_of(clip)
    first, last = round(7.0 / old.bar_s), round(13.0 / old.bar_s)
    assert [line.text for line in record.score.vocals] == ["Rivers run"]
    assert (record.plan.bpm, record.plan.tonic, record.score.bars) == (old.plan.bpm, old.plan.tonic, old.score.bars)
    bar = old.plan.beats_per_bar * 480
    onsets = [sung.notes[0].onset_ticks / bar for sung in record.score.vocals[0].syllables]
    assert first <= min(onsets)
    assert max(onsets) < last
    timed = json.loads(Path(clip.files["timed_lyrics"]).read_bytes())
    assert first * old.bar_s <= timed[0]["start_s"] < last * old.bar_s
    before, after = decode_mp3(studio._inputs[played.audio_key].read_bytes()), heard(clip)
    for rest in (
        slice(2000, round(first * old.bar_s * RATE) - 2000),
        slice(round((last + 0.5) * old.bar_s * RATE) + 2000, before.shape[1] - 8000),
    ):
        error = np.sqrt(np.mean((after[:, rest] - before[:, rest]) ** 2) / np.mean(before[:, rest] ** 2))
        assert error < 0.1
    middle = slice(round((first + 0.6) * old.bar_s * RATE), round(last * old.bar_s * RATE))
    assert loudness_lufs(after[:, middle]) == pytest.approx(loudness_lufs(before[:, middle]), abs=1.5)


@pytest.mark.parametrize(("start_s", "end_s"), [(900.0, 910.0), (5.0, 5.0), (9.0, 4.0)])
def test_stretch_outside_the_clip_is_refused(start_s, end_s, studio, played):
    wish = replace(PLAYED, seats=seat("r"), source=Replace(clip=played, start_s=start_s, end_s=end_s))
    with pytest.raises(InvalidRequestError, match=r"stretch|over before"):
        studio.clip(wish)


def test_cover_keeps_the_tune_and_the_words_in_another_style(studio, sung):
    clip = studio.clip(
        replace(SUNG, seats=seat("c"), tags="jazz, male voice", lyrics=sung.lyrics, source=Cover(clip=sung))
    )
    old, new = read_record(studio._inputs[sung.plan_key]), record_of(clip)
    assert (new.plan.genre, new.plan.voice.gender, new.plan.mode) == ("jazz", "m", old.plan.mode)
    shift = (new.plan.tonic - old.plan.tonic) % 12
    pairs = list(zip(old.score.vocals, new.score.vocals, strict=True))
    assert [line.text for line, _ in pairs] == [line.text for _, line in pairs]
    for before, after in pairs:
        moved = {b.notes[0].pitch - a.notes[0].pitch for a, b in zip(before.syllables, after.syllables, strict=True)}
        assert {step % 12 for step in moved} == {shift}
    assert [section.kind for section in new.plan.sections] == [section.kind for section in old.plan.sections]
    assert {part.name for part in new.score.parts} != {part.name for part in old.score.parts}


def test_stems_are_the_mix_taken_apart(studio, sung):
    seats = {"vocals": seat("v")[0], "instrumental": seat("i")[0]}
    vocals, band = studio.run(Stems(clip=sung, seats=seats)).clips
    assert (vocals.clip_id, vocals.title, vocals.lyrics) == ("v", "Light (vocals)", sung.lyrics)
    assert (band.clip_id, band.title, band.lyrics) == ("i", "Light (instrumental)", "")
    both = heard(vocals) + heard(band)
    whole = decode_mp3(studio._inputs[sung.audio_key].read_bytes())
    length = min(both.shape[1], whole.shape[1])
    assert np.corrcoef(both[0, :length], whole[0, :length])[0, 1] > 0.85
    # The voice is nowhere but in its stem: before and after the line there is none.
    times = json.loads(studio._inputs[f"{sung.clip_id}.timed_lyrics"].read_bytes())
    silent = heard(vocals)[:, : int((times[0]["start_s"] - 0.8) * RATE)]
    assert silent.shape[1] > RATE // 2
    assert np.abs(silent).max() < 1e-3


def test_stem_that_the_clip_has_not_is_named(studio, played):
    with pytest.raises(InvalidRequestError, match="no stem 'kazoo'"):
        studio.run(Stems(clip=played, seats={"kazoo": seat("k")[0]}))


def test_new_words_are_sung_over_the_same_notes_of_the_band(studio, played, old):
    source = SingOver(clip=played, start_s=4.0, end_s=10.0)
    wish = replace(PLAYED, seats=seat("s"), is_instrumental=False, lyrics="Rivers run", source=source)
    record = record_of(studio.clip(wish))
    assert [line.text for line in record.score.vocals] == ["Rivers run"]
    assert struck(record.score) == struck(old.score)


def test_voice_stays_over_another_band(studio, sung):
    wish = replace(SUNG, seats=seat("w"), tags="rock", source=Accompany(clip=sung, start_s=0.0, end_s=99.0))
    record, old = record_of(studio.clip(wish)), read_record(studio._inputs[sung.plan_key])
    assert record.score.vocals == old.score.vocals
    assert (record.plan.genre, record.plan.voice) == ("rock", old.plan.voice)
    assert struck(record.score) != struck(old.score)


def test_persona_sings_another_song(studio, sung):
    other = replace(SUNG, seats=seat("p", seed=99), tags="rock, male voice", persona=sung)
    record, old = record_of(studio.clip(other)), read_record(studio._inputs[sung.plan_key])
    assert record.plan.voice == old.plan.voice
    assert record.plan.seed != old.plan.seed


def test_unknown_form_of_a_file_is_refused(studio, played):
    with pytest.raises(InvalidRequestError, match="'aiff'"):
        studio.run(SoundFile(clip=played, form="aiff"))


@pytest.mark.parametrize("make", [
    lambda clip: SoundFile(clip=clip, form="wav"),
    lambda clip: Stems(clip=clip, seats={"vocals": seat("v")[0]}),
    lambda clip: replace(PLAYED, seats=seat("x"), source=Cover(clip=clip)),
], ids=["wav", "stems", "cover"])  # fmt: skip
def test_operations_stop_where_they_are_cancelled(make, studio, played):
    class Cancelled(Told):
        def progress(self, fraction, note=""):
            super().progress(fraction, note)
            if note.startswith("playing"):
                raise JobCancelledError

    told = Cancelled()
    with pytest.raises(JobCancelledError):
        studio.run(make(played), told)
    assert told.parts == []
