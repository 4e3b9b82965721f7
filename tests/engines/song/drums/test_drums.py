import numpy as np
import pytest

from tests.engines.song.sample import make_plan, make_score
from tutti.engines.song.drums import strokes
from tutti.engines.song.drums.kits import KITS, find_kit, find_piece
from tutti.engines.song.drums.percussion import CRACKLE, DOWNLIFTER, HELD, PERCUSSION, REVERSE, RISER
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
    # Those that stand in for another number are the same stroke, and those of the kit it is like are tested there.
    for pitch in sorted(PERCUSSION.values()):
        piece = find_piece(find_kit(kit), pitch)
        if kit != "acoustic" and piece is find_piece(KITS["acoustic"], pitch):
            continue
        rng = np.random.default_rng(pitch)
        stroke = piece.stroke(rng, length_s=1.0) if pitch in HELD else piece.stroke(rng)
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


def test_a_reversed_cymbal_swells_and_a_downlifter_falls():
    swells, falls = (np.abs(_play(_stroke(pitch, beats=4))).max(axis=0) for pitch in (REVERSE, DOWNLIFTER))
    early, late = slice(0, SAMPLE_RATE_HZ // 2), slice(3 * SAMPLE_RATE_HZ // 2, 2 * SAMPLE_RATE_HZ)
    assert swells[early].max() < swells[late].max() / 4
    assert falls[late].max() < falls[early].max() / 4


def test_crackle_lies_far_under_the_kit():
    dust, kit = (np.sqrt(np.square(_play(note)).mean()) for note in (_stroke(CRACKLE, beats=4), _stroke(36)))
    assert 0 < dust < kit / 2


def test_a_gated_snare_stays_louder_than_a_plain_one_and_then_is_silent():
    gated, plain = (np.abs(stroke(np.random.default_rng(0))) for stroke in (strokes.gated, strokes.snare))
    held, over = (slice(int(at * SAMPLE_RATE_HZ), int((at + 0.02) * SAMPLE_RATE_HZ)) for at in (0.17, 0.24))
    assert gated[held].mean() > 1.5 * plain[held].mean()
    assert gated[over].mean() < gated[held].mean() / 100


def test_ringing_is_the_sum_of_dying_sines():
    hz, life = np.array([440.0, 3111.0]), np.array([0.3, 0.1])
    time = np.arange(5000) / SAMPLE_RATE_HZ
    wanted = np.exp(-time / 0.3) * np.cos(2 * np.pi * 440 * time) + 0.5 * np.exp(-time / 0.1) * np.cos(
        2 * np.pi * 3111 * time
    )
    heard = strokes.ringing(hz, life, levels=np.array([1.0, 0.5], complex), samples=5000)
    assert np.allclose(heard, wanted, atol=1e-9)


def test_kits_sound_unlike_one_another():
    centroids = [_centroid_hz(find_piece(kit, 38).stroke(np.random.default_rng(1))) for kit in KITS.values()]
    lengths = [find_piece(kit, 36).stroke(np.random.default_rng(1)).size for kit in KITS.values()]
    assert len({(round(hz, -1), length) for hz, length in zip(centroids, lengths, strict=True)}) >= len(KITS) - 2


def test_unknown_kits_and_numbers_have_a_stand_in():
    assert find_kit("zither") is KITS["acoustic"]
    assert find_kit("EDM") is KITS["electronic"]
    assert np.abs(_play(_stroke(85))).max() > 0.01


def _centroid_hz(stroke: np.ndarray) -> float:
    power = np.square(np.abs(np.fft.rfft(stroke)))
    return float((power * np.fft.rfftfreq(stroke.size, 1 / SAMPLE_RATE_HZ)).sum() / power.sum())
