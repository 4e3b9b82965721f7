import numpy as np
import pytest

from tests.engines.song.singer.music import FakeKokoro, line, score, syllable
from tutti.engines.song.singer import DOUBLES, HARMONIES, Singer
from tutti.engines.song.singer.phrases import line_phrases
from tutti.engines.song.singer.shadow import shadow

WRITTEN = line(
    (syllable("t", "a", text="ta"), [(2, 1, 57)]),
    (syllable("n", "a", text="na"), [(3, 3, 60)]),
    doubled=True,
    harmony_pitches=(64, 69),
)


def shadowed(manner, *, harmony, seed=1):
    lead = Singer(FakeKokoro()).sing(WRITTEN, score(WRITTEN), (("a", 1.0),), 3)
    phrases = line_phrases(WRITTEN, score(WRITTEN), harmony=harmony)
    notes = [note for phrase in phrases for sung in phrase for note in sung.notes]
    return lead, shadow(lead, notes, manner, np.random.default_rng(seed))


@pytest.mark.parametrize("manner", HARMONIES)
def test_harmony_is_sung_on_its_own_pitches_in_the_leads_words(manner):
    lead, around = shadowed(manner, harmony=True)
    held = around.hz[around.hz > 0][-80:]
    assert np.median(held) == pytest.approx(440.0, rel=0.02)
    assert around.syllables == lead.syllables
    spectrum = np.abs(np.fft.rfft(around.audio[-40_000:-8_000]))
    assert np.argmax(spectrum) * 24_000 / 32_000 == pytest.approx(440.0, rel=0.03)


@pytest.mark.parametrize("manner", DOUBLES)
def test_double_is_near_the_lead_and_never_its_copy(manner):
    lead, around = shadowed(manner, harmony=False)
    voiced = lead.hz > 0
    cents = 1200 * np.log2(around.hz[voiced] / lead.hz[voiced])
    assert np.median(np.abs(cents)) < 40
    assert around.start_s - lead.start_s == pytest.approx(manner.late_s)
    likeness = np.corrcoef(lead.audio, around.audio)[0, 1]
    assert abs(likeness) < 0.9


def test_shadow_is_the_same_for_the_same_seed():
    one, same, other = (shadowed(DOUBLES[0], harmony=False, seed=seed)[1].audio for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
