"""What is made of sound that a caller brought."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.engines.song.edits.tiny import PLAYED, SUNG, seat
from tutti.engines.song.dsp.levels import loudness_lufs, true_peak_db
from tutti.engines.song.hearing import read_heard
from tutti.engines.song.model import SAMPLE_RATE_HZ as RATE
from tutti.engines.song.mp3 import decode_mp3
from tutti.engines.song.record import read_record
from tutti.errors import InvalidRequestError
from tutti.intents import Accompany, ClipSeat, Concat, Cover, GoOn, SingOver, SoundFile, SoundImport, Stems

replace = msgspec.structs.replace


def heard(clip):
    return decode_mp3(Path(clip.files["audio"]).read_bytes())


def record_of(clip):
    return read_record(Path(clip.files["plan"]))


def test_import_is_as_loud_as_our_songs_and_analysed(brought_clip):
    assert set(brought_clip.files) == {"audio", "image", "image_large", "analysis"}
    assert (brought_clip.title, brought_clip.key, brought_clip.bpm) == ("Mine", "Am", pytest.approx(120, rel=0.002))
    assert loudness_lufs(heard(brought_clip)) == pytest.approx(-14, abs=0.5)
    assert true_peak_db(heard(brought_clip)) <= -1
    analysis = read_heard(Path(brought_clip.files["analysis"]))
    assert analysis.bar_line_near(8.0) == pytest.approx(8.25, abs=0.02)


def test_silence_is_refused(studio, tmp_path):
    (tmp_path / "x").write_bytes(b"")
    wish = SoundImport(seat=ClipSeat(clip_id="x", seed=1), sound_key=studio.keep("silence", tmp_path / "x"))
    with pytest.raises(InvalidRequestError, match="is not mp3"):
        studio.clip(wish)


@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "alone"])
def test_continuation_is_on_the_grid_and_in_the_key_of_brought_sound(is_whole, studio, brought, brought_clip):
    source = GoOn(clip=brought, at_s=8.1, is_whole=is_whole)
    clip = studio.clip(replace(PLAYED, seats=seat("f"), longest_s=14.0, source=source))
    record = record_of(clip)
    assert (record.plan.tonic, record.plan.mode) == (9, "minor")
    assert record.plan.bpm == pytest.approx(120, rel=0.002)
    if not is_whole:
        assert record.offset_s == 0.0
        whole = studio.clip(
            Concat(
                seat=seat("j")[0],
                pieces=(GoOn(clip=brought, at_s=8.1), GoOn(clip=studio.source(clip), at_s=clip.duration_s)),
            )
        )
        record, clip = record_of(whole), whole
    assert record.offset_s == pytest.approx(8.25, abs=0.02)
    assert record.has_brought_sound
    sound, old = heard(clip), heard(brought_clip)
    assert np.corrcoef(sound[0, : 8 * RATE], old[0, : 8 * RATE])[0, 1] > 0.99
    step = loudness_lufs(sound[:, round(8.25 * RATE) : round(11.25 * RATE)]) - loudness_lufs(
        sound[:, round(5.25 * RATE) : round(8.25 * RATE)]
    )
    assert abs(step) <= 1.0


def test_voice_is_laid_over_brought_sound(studio, brought, brought_clip):
    source = SingOver(clip=brought, start_s=4.0, end_s=12.5)
    clip = studio.clip(replace(SUNG, seats=seat("o"), lyrics="[Verse]\nRivers run", source=source))
    record = record_of(clip)
    assert [line.text for line in record.score.vocals] == ["Rivers run"]
    assert record.score.parts == ()
    assert record.offset_s == pytest.approx(4.25, abs=0.02)
    first = record.offset_s + record.score.seconds_at(record.score.vocals[0].syllables[0].notes[0].onset_ticks)
    sound, old = heard(clip), heard(brought_clip)
    gain = np.sqrt(np.mean(sound[:, :RATE] ** 2) / np.mean(old[:, :RATE] ** 2))
    added = sound[:, : old.shape[1]] - old[:, : sound.shape[1]] * gain
    sung = added[:, round((first + 0.1) * RATE) : round((first + 1.0) * RATE)]
    assert np.mean(sung**2) > 10 * np.mean(added[:, RATE : 3 * RATE] ** 2)


def test_band_joins_brought_sound(studio, brought):
    source = Accompany(clip=brought, start_s=4.0, end_s=12.5)
    record = record_of(studio.clip(replace(PLAYED, seats=seat("b"), tags="rock", source=source)))
    assert record.plan.genre == "rock"
    assert record.score.vocals == ()
    assert record.score.bars == 4
    assert any(part.notes for part in record.score.parts)


def test_cover_of_brought_sound_keeps_tempo_and_key(studio, brought):
    wish = replace(SUNG, seats=seat("c"), tags="jazz", lyrics="[Verse]\nRivers run", source=Cover(clip=brought))
    record = record_of(studio.clip(wish))
    assert (record.plan.genre, record.plan.tonic, record.plan.mode) == ("jazz", 9, "minor")
    assert record.plan.bpm == pytest.approx(120, rel=0.002)
    assert [line.text for line in record.score.vocals][:1] == ["Rivers run"]


def test_stems_of_brought_sound_are_two_and_say_how_they_were_made(studio, brought, brought_clip):
    seats = {"vocals": seat("v")[0], "instrumental": seat("i")[0]}
    vocals, band = studio.run(Stems(clip=brought, seats=seats)).clips
    assert "REPET-SIM" in vocals.tags
    both, whole = heard(vocals) + heard(band), heard(brought_clip)
    length = min(both.shape[1], whole.shape[1])
    assert np.corrcoef(both[0, :length], whole[0, :length])[0, 1] > 0.98
    with pytest.raises(InvalidRequestError, match="no stem 'drums'"):
        studio.run(Stems(clip=brought, seats={"drums": seat("d")[0]}))


@pytest.mark.parametrize(("form", "head"), [("wav", b"RIFF"), ("mp4", b"ftyp")])
def test_files_are_made_of_brought_sound(form, head, studio, brought):
    content = Path(studio.run(SoundFile(clip=brought, form=form)).files[form]).read_bytes()
    assert head in content[:12]
    assert len(content) > 100_000
