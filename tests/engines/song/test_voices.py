import itertools

import pytest

from tutti.engines.song.model import Brief, Gender, Language
from tutti.engines.song.seeds import stream
from tutti.engines.song.voices import choose_voice

_PREFIXES = {
    (Language.ENGLISH, Gender.FEMALE): "af_",
    (Language.ENGLISH, Gender.MALE): "am_",
    (Language.MANDARIN, Gender.FEMALE): "zf_",
    (Language.MANDARIN, Gender.MALE): "zm_",
}


def _voices(seeds=12, **wishes):
    brief = Brief(genre="pop", **wishes)
    return [choose_voice(brief, female_chance=0.5, rng=stream(seed, "voice")) for seed in range(seeds)]


@pytest.mark.parametrize(("language", "gender"), list(itertools.product(Language, Gender)))
def test_choose_voice_gives_who_was_asked_for(language, gender):
    for voice in _voices(language=language, gender=gender):
        names = [name for name, _ in voice.blend + voice.backing_blend]
        assert all(name.startswith(_PREFIXES[language, gender]) for name in names)
        assert voice.gender is gender
        assert sum(weight for _, weight in voice.blend) == pytest.approx(1)
        assert sum(weight for _, weight in voice.backing_blend) == pytest.approx(1)
        assert voice.blend[0][0] not in dict(voice.backing_blend)


def test_choose_voice_leaves_open_questions_to_the_seed():
    voices = _voices(30)
    assert {voice.gender for voice in voices} == set(Gender)
    assert len({voice.blend for voice in voices}) > 20


@pytest.mark.parametrize(
    ("colour", "name"), [("soft", "af_nicole"), ("power", "af_bella"), ("bright", "af_nova"), ("dark", "af_sarah")]
)
def test_choose_voice_mixes_in_the_colour(colour, name):
    assert all(name in dict(voice.blend) for voice in _voices(gender=Gender.FEMALE, voice_colours=(colour,)))


def test_choose_voice_keeps_men_an_octave_under_women():
    women, men = (_voices(1, gender=gender)[0] for gender in (Gender.FEMALE, Gender.MALE))
    assert women.low_pitch - men.low_pitch == pytest.approx(10, abs=3)
    assert all(voice.high_pitch - voice.low_pitch >= 12 for voice in (women, men))
