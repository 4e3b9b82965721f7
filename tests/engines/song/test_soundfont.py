import numpy as np
import pytest

from tests.engines.song.sample import make_plan, make_score
from tests.engines.song.weights import sound_font_path
from tutti.engines.song.backing import SoundFontPlayer
from tutti.engines.song.model import SAMPLE_RATE_HZ, TICKS_PER_BEAT, Note
from tutti.engines.song.soundfont import SoundFontFile
from tutti.errors import EngineError

SCORE = make_score(make_plan(bars=2, bpm=120.0))
CHORD = tuple(Note(onset_ticks=0, length_ticks=2 * TICKS_PER_BEAT, pitch=pitch) for pitch in (48, 60, 72))


class WholeFile:
    """A SoundFont with nothing left out."""

    def only(self, _program: int) -> bytes:
        return sound_font_path().read_bytes()


@pytest.mark.parametrize("program", [0, 27, 40, 48, 73, 107])
def test_an_instrument_sounds_as_it_does_in_the_whole_file(program):
    cut, whole = SoundFontPlayer(sound_font_path()), SoundFontPlayer(sound_font_path())
    whole._file = WholeFile()
    one, other = (each.play(CHORD, SCORE, program=program, samples=SAMPLE_RATE_HZ) for each in (cut, whole))
    assert np.abs(one).max() > 0.01
    # Where a sample lies in memory decides the last bits of positions in it.
    assert np.abs(one - other).max() < 1e-5


def test_an_instrument_brings_no_other_samples(tmp_path):
    font = SoundFontFile(sound_font_path())
    (tmp_path / "piano.sf3").write_bytes(font.only(0))
    kept = SoundFontFile(tmp_path / "piano.sf3")._samples
    assert 0 < np.count_nonzero(kept["end"]) < 0.1 * np.count_nonzero(font._samples["end"])


def test_an_instrument_that_is_not_there_has_no_samples(tmp_path):
    (tmp_path / "none.sf3").write_bytes(SoundFontFile(sound_font_path()).only(1000))
    assert not np.count_nonzero(SoundFontFile(tmp_path / "none.sf3")._samples["end"])


@pytest.mark.parametrize("content", [b"", b"no font", b"RIFF\x04\0\0\0sfbk"])
def test_a_file_that_is_no_sound_font_is_told_by_name(content, tmp_path):
    (tmp_path / "font.sf3").write_bytes(content)
    with pytest.raises(EngineError, match=r"font\.sf3"):
        SoundFontFile(tmp_path / "font.sf3")
