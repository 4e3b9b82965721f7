from itertools import pairwise

import pytest

from tests.engines.song.composed import song
from tests.engines.song.rough_lyrics import CITY_LIGHTS, WEEKEND
from tutti.engines.song.flow import RAPPED, SUNG, flow_of, is_rapped
from tutti.engines.song.genre import genre
from tutti.engines.song.model import Language, Palette, SectionKind
from tutti.engines.song.rap import REACH, speech_pitch
from tutti.engines.song.rhythm import SHORTEST_S

_TEXTS = {"en": (CITY_LIGHTS, Language.ENGLISH), "zh": (WEEKEND, Language.MANDARIN)}


def _raps(text="en", seed=0):
    words, language = _TEXTS[text]
    plan, score = song("hip-hop", words, seed, language=language)
    return plan, score, [line for line in score.vocals if line.is_rapped]


def _onsets(line):
    return [sung.notes[0].onset_ticks for sung in line.syllables]


@pytest.mark.parametrize("text", _TEXTS)
def test_raps_stay_about_one_pitch(text):
    for seed in range(4):
        plan, _, lines = _raps(text, seed)
        base = speech_pitch(plan, plan.voice)
        pitches = [note.pitch for line in lines for sung in line.syllables for note in sung.notes]
        assert all(abs(pitch - base) <= REACH for pitch in pitches)
        assert len(set(pitches)) >= 4
        assert base % 12 in {plan.tonic, (plan.tonic + 7) % 12}


def test_raps_lie_on_sixteenths_or_thirds_of_a_beat():
    found = set()
    for seed in range(12):
        _, _, lines = _raps(seed=seed)
        found |= {onset % 480 for line in lines for onset in _onsets(line)}
    assert found == {0, 120, 240, 360, 160, 320}


def test_raps_put_their_rhyme_on_the_fourth_beat():
    ends = [_onsets(line)[-1] // 480 % 4 for seed in range(6) for line in _raps(seed=seed)[2]]
    assert ends.count(3) >= 0.8 * len(ends)


def test_raps_put_stressed_syllables_on_beats():
    shares = {0: [], 1: []}
    for seed in range(6):
        for line in _raps(seed=seed)[2]:
            for sung in line.syllables:
                shares[min(1, sung.syllable.stress)].append(sung.notes[0].onset_ticks % 480 == 0)
    weak, stressed = (sum(row) / len(row) for row in shares.values())
    assert stressed > weak + 0.25


@pytest.mark.parametrize("text", _TEXTS)
def test_raps_give_every_syllable_its_time(text):
    for seed in range(6):
        _, score, lines = _raps(text, seed)
        for line in lines:
            notes = [note for sung in line.syllables for note in sung.notes]
            assert min(score.seconds_at(note.length_ticks) for note in notes) >= SHORTEST_S - 0.003
            assert all(one.onset_ticks + one.length_ticks <= two.onset_ticks for one, two in pairwise(notes))


def test_raps_rise_on_stress():
    highs, lows = [], []
    for seed in range(4):
        plan, _, lines = _raps(seed=seed)
        base = speech_pitch(plan, plan.voice)
        for line in lines:
            for sung in line.syllables:
                (highs if sung.syllable.stress else lows).append(sung.notes[0].pitch - base)
    assert sum(highs) / len(highs) > sum(lows) / len(lows) + 1


def test_choruses_of_rapped_songs_are_sung():
    plan, score, _ = _raps()
    assert {plan.sections[line.section].kind for line in score.vocals if not line.is_rapped} == {SectionKind.CHORUS}
    assert flow_of(SectionKind.CHORUS, is_rapped=True) is SUNG
    assert flow_of(SectionKind.VERSE, is_rapped=True) is RAPPED
    assert flow_of(SectionKind.VERSE, is_rapped=False) is SUNG


def test_is_rapped_goes_by_the_genre_s_column():
    assert is_rapped(genre("hip-hop"))
    assert not is_rapped(genre("pop"))


def test_a_lent_delivery_is_heard():
    plan, score = song("soul", CITY_LIGHTS, palette=Palette(second="hip-hop"))
    kinds = {plan.sections[line.section].kind: line.is_rapped for line in score.vocals}
    assert kinds[SectionKind.VERSE]
    assert not kinds[SectionKind.CHORUS]
