import itertools
from dataclasses import replace

import pytest

from tutti.engines.song.brief import read_brief
from tutti.engines.song.model import Brief, Gender, Language
from tutti.engines.song.seeds import stream
from tutti.engines.song.voices import choose_voice
from tutti.intents import Song

_PREFIXES = {
    (Language.ENGLISH, Gender.FEMALE): "af_",
    (Language.ENGLISH, Gender.MALE): "am_",
    (Language.MANDARIN, Gender.FEMALE): "zf_",
    (Language.MANDARIN, Gender.MALE): "zm_",
    (Language.JAPANESE, Gender.FEMALE): "jf_",
    # There is one Japanese man.
    (Language.JAPANESE, Gender.MALE): ("jm_", "am_", "zm_"),
}


def _voices(seeds=12, **wishes):
    brief = Brief(genre="pop", **wishes)
    return [choose_voice(brief, female_chance=0.5, rng=stream(seed, "voice")) for seed in range(seeds)]


@pytest.mark.parametrize(("language", "gender"), list(itertools.product(Language, Gender)))
def test_choose_voice_gives_who_was_asked_for(language, gender):
    for voice in _voices(language=language, gender=gender):
        names = [name for name, _ in voice.blend]
        assert all(name.startswith(_PREFIXES[language, gender]) for name in names)
        assert names[0][0] == {"en": "a", "zh": "z", "ja": "j"}[language]
        assert voice.gender is gender
        assert sum(weight for _, weight in voice.blend) == pytest.approx(1)
        assert len({name for name, _ in voice.blend}) == 2


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


def _singer(words, **wishes):
    return choose_voice(read_brief(Song(seats=(), tags=words), 1), female_chance=0.5, rng=stream(5, "voice"), **wishes)


SINGERS = [
    "bright female vocal", "dark female vocal", "soft female vocal", "powerful female vocal", "childlike voice",
    "明亮的女声", "低沉的男声", "童声",
    "bright male vocal", "deep male vocal", "soft male vocal", "powerful male vocal",
]  # fmt: skip


def test_words_bring_singers_unlike_one_another_and_always_the_same():
    singers = [_singer(words) for words in SINGERS]
    assert singers == [_singer(words) for words in SINGERS]
    assert len({(singer.blend, singer.colour) for singer in singers}) == len(SINGERS)


@pytest.mark.parametrize(("brighter", "darker"), [(0, 1), (3, 2), (4, 0), (8, 9), (11, 10)])
def test_colours_shape_mouth_and_spectrum(brighter, darker):
    one, other = (_singer(SINGERS[n]).colour for n in (brighter, darker))
    assert (one.formants - other.formants) * 100 + one.tilt_db - other.tilt_db > 2


@pytest.mark.parametrize("words", ["duet, pop", "情歌, 男女对唱"])
def test_duet_has_a_partner_an_octave_apart(words):
    for gender, octaves in ((Gender.FEMALE, -1), (Gender.MALE, 1)):
        brief = replace(read_brief(Song(seats=(), tags=words), 1), gender=gender)
        voice = choose_voice(brief, female_chance=0.5, rng=stream(5, "voice"))
        assert voice.partner is not None
        assert voice.partner.octaves == octaves
        assert voice.partner.blend[0][0][1] != voice.blend[0][0][1]
    assert _singer("pop").partner is None
