from tests.engines.song.composed import VOICE
from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tutti.engines.song.chooser import CANDIDATES, LEAST_DIFFERENCE, candidate_seeds, choose, choose_clip
from tutti.engines.song.measures import difference, measure
from tutti.engines.song.merit import merit
from tutti.engines.song.model import Brief
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose
from tutti.intents import ClipSeat, Song, SongWishes

_BRIEF = Brief(genre="pop")
_LYRICS = rough_lyrics(CITY_LIGHTS)


def _song(first=1, second=2, **fields):
    seats = (ClipSeat(clip_id="a", seed=first), ClipSeat(clip_id="b", seed=second))
    return Song(seats=seats, tags="pop", lyrics=CITY_LIGHTS, **fields)


def test_choose_keeps_the_best_of_its_candidates():
    for seed in range(2):
        chosen = choose(_BRIEF, _LYRICS, seed, longest_s=240.0)
        merits = []
        for each in candidate_seeds(seed, CANDIDATES):
            plan = make_plan(_BRIEF, _LYRICS, each, longest_s=240.0)
            merits.append(merit(measure(plan, compose(plan, _LYRICS, each))))
        assert len(merits) == 4
        assert chosen.merit == max(merits)


def test_choose_of_one_is_the_seat_s_own_song():
    chosen = choose(_BRIEF, _LYRICS, 5, longest_s=240.0, candidates=1)
    plan = make_plan(_BRIEF, _LYRICS, 5, longest_s=240.0)
    assert chosen.plan == plan
    assert chosen.score == compose(plan, _LYRICS, 5)


def test_choose_passes_over_what_is_too_like_an_earlier_clip():
    best = choose(_BRIEF, _LYRICS, 1, longest_s=240.0)
    other = choose(_BRIEF, _LYRICS, 1, longest_s=240.0, unlike=[best.score])
    assert other.plan.seed != best.plan.seed
    assert difference(best.score, other.score) >= LEAST_DIFFERENCE


def test_choose_lets_another_singer_sing_within_their_range():
    chosen = choose(_BRIEF, _LYRICS, 1, longest_s=240.0, singer=VOICE)
    assert chosen.plan.voice == VOICE
    assert measure(chosen.plan, chosen.score).in_range_rate == 1


def test_clips_of_a_song_differ_even_from_one_seed_and_come_again():
    song = _song(7, 7)
    first = choose_clip(song, 0, candidates=2)
    second = choose_clip(song, 1, candidates=2, unlike=[first.score])
    assert difference(first.score, second.score) >= LEAST_DIFFERENCE
    assert choose_clip(song, 1, candidates=2, unlike=[first.score]) == second


def test_clips_have_the_length_that_is_wished():
    chosen = choose_clip(_song(wishes=SongWishes(duration_s=150.0)), 0)
    assert abs(chosen.score.duration_s - 150.0) < 5
