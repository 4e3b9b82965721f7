import numpy as np
import pytest

from tests.engines.song.sample import make_plan, make_score
from tutti.engines.song.backing import length_samples
from tutti.engines.song.contrast import ride_curve, section_curve, section_gains_db
from tutti.engines.song.desk import DESKS
from tutti.engines.song.dsp.dynamics import apply_gain
from tutti.engines.song.dsp.levels import loudness_lufs
from tutti.engines.song.model import SAMPLE_RATE_HZ, SectionKind

PLAN = make_plan(bars=20)
SCORE = make_score(PLAN)
BAR_S = SCORE.duration_s / SCORE.bars


def _loudness(sound: np.ndarray, kind: SectionKind) -> float:
    spans = [(s.start_bar * BAR_S, (s.start_bar + s.bars) * BAR_S) for s in PLAN.sections if s.kind is kind]
    cut = [sound[:, round((a + 0.3) * SAMPLE_RATE_HZ) : round(b * SAMPLE_RATE_HZ)] for a, b in spans]
    return loudness_lufs(np.concatenate(cut, axis=1))


@pytest.mark.parametrize("genre", DESKS)
@pytest.mark.parametrize("verse_db", [-12.0, 0.0, 6.0])
def test_choruses_stand_over_verses_however_they_were_played(genre, verse_db):
    sound = np.random.default_rng(1).standard_normal((2, length_samples(SCORE))).astype(np.float32) * np.float32(0.1)
    for section in PLAN.sections:
        if section.kind is SectionKind.VERSE:
            first, last = (round(bar * BAR_S * SAMPLE_RATE_HZ) for bar in (section.start_bar, section.start_bar + 4))
            sound[:, first:last] *= np.float32(10 ** (verse_db / 20))
    apply_gain(sound, section_curve(sound, SCORE, PLAN, DESKS[genre]), out=sound)
    contrast = _loudness(sound, SectionKind.CHORUS) - _loudness(sound, SectionKind.VERSE)
    # No section is moved by more than 6 dB: what was 12 dB softer or 6 dB louder only comes nearer.
    expected = {-12.0: (5.0, 7.5), 0.0: (4.0, 6.2), 6.0: (-0.5, 1.0)}[verse_db]
    assert expected[0] <= contrast <= expected[1]


def test_sections_without_sound_are_left_alone():
    loudness = np.array([-np.inf, -20.0, -20.0, -20.0, -20.0])
    gains = section_gains_db(PLAN, loudness, DESKS["pop"])
    assert gains[0] == 0
    assert not section_gains_db(PLAN, np.full(5, -np.inf), DESKS["pop"]).any()


def test_the_liveliest_section_rides_at_full_level():
    curve = ride_curve(SCORE, PLAN, DESKS["pop"], length_samples(SCORE))
    assert curve.max() == pytest.approx(0, abs=1e-3)
    assert curve.min() < -2
