import numpy as np
import pytest

from tests.engines.song.sample import make_plan, make_score
from tutti.engines.song.drums import strokes
from tutti.engines.song.drums.kits import IMPACT, KITS, RISER, find_kit, find_piece
from tutti.engines.song.drums.player import play_drums
from tutti.engines.song.model import SAMPLE_RATE_HZ, TICKS_PER_BEAT, Note

SCORE = make_score(make_plan(bpm=120.0))


def _play(*notes: Note, kit: str = "acoustic", seed: int = 1) -> np.ndarray:
    return play_drums(notes, SCORE, kit_name=kit, samples=4 * SAMPLE_RATE_HZ, seed=seed)


def _stroke(pitch: int, beat: float = 0.0, velocity: int = 100, beats: float = 0.25) -> Note:
    at, length = int(beat * TICKS_PER_BEAT), int(beats * TICKS_PER_BEAT)
    return Note(onset_ticks=at, length_ticks=length, pitch=pitch, velocity=velocity)


@pytest.mark.parametrize("kit", KITS)
def test_every_piece_of_every_kit_sounds(kit):
    for pitch in (*range(35, 83), RISER, IMPACT):
        piece = find_piece(find_kit(kit), pitch)
        rng = np.random.default_rng(pitch)
        stroke = piece.stroke(rng, length_s=1.0) if pitch == RISER else piece.stroke(rng)
        assert np.isfinite(stroke).all()
        assert np.abs(stroke).max() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("low", "high"),
    [(strokes.kick, strokes.snare), (strokes.snare, strokes.hat), (strokes.kick, strokes.clap)],
)
def test_drums_stand_in_their_order_of_brightness(low, high):
    assert _centroid_hz(low(np.random.default_rng(0))) < _centroid_hz(high(np.random.default_rng(0))) / 2


def test_strokes_fall_on_their_beats():
    stem = _play(_stroke(38, beat=3.0))
    onset = int(np.argmax(np.abs(stem).max(axis=0) > 0.01))
    assert onset / SAMPLE_RATE_HZ == pytest.approx(1.5, abs=0.003)


def test_seed_decides_every_sample():
    notes = (_stroke(36), _stroke(38, 1), _stroke(42, 2))
    assert np.array_equal(_play(*notes), _play(*notes))
    assert not np.array_equal(_play(*notes), _play(*notes, seed=2))


def test_repeated_strokes_differ():
    first, second = (_play(_stroke(38), _stroke(38, 2))[:, at : at + 4000] for at in (0, SAMPLE_RATE_HZ))
    assert not np.allclose(first, second, atol=1e-3)


def test_velocity_is_heard():
    loud, soft = (np.abs(_play(_stroke(36, velocity=v))).max() for v in (110, 50))
    assert loud > 2 * soft


def test_a_closed_hat_ends_an_open_one():
    rings = _play(_stroke(46))
    ended = _play(_stroke(46), _stroke(42, 0.25))
    window = slice(int(0.4 * SAMPLE_RATE_HZ), int(0.6 * SAMPLE_RATE_HZ))
    assert np.square(ended[:, window]).sum() < np.square(rings[:, window]).sum() / 4


def test_a_riser_grows_for_its_note():
    stem = np.abs(_play(_stroke(RISER, beats=4))).max(axis=0)
    assert stem[: SAMPLE_RATE_HZ // 2].max() < stem[3 * SAMPLE_RATE_HZ // 2 : 2 * SAMPLE_RATE_HZ].max() / 4


def test_unknown_kits_and_numbers_have_a_stand_in():
    assert find_kit("zither") is KITS["acoustic"]
    assert find_kit("EDM") is KITS["electronic"]
    assert np.abs(_play(_stroke(85))).max() > 0.01


def _centroid_hz(stroke: np.ndarray) -> float:
    power = np.square(np.abs(np.fft.rfft(stroke)))
    return float((power * np.fft.rfftfreq(stroke.size, 1 / SAMPLE_RATE_HZ)).sum() / power.sum())
