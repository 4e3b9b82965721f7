from io import BytesIO

import mido

from tests.engines.song.rough_lyrics import CITY_LIGHTS, WEEKEND, rough_lyrics
from tutti.engines.song.midi import to_midi
from tutti.engines.song.model import TICKS_PER_BEAT, Brief, Language
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose


def _file(text, language=Language.ENGLISH):
    lyrics = rough_lyrics(text)
    plan = make_plan(Brief(genre="pop", language=language, title="灯 Lights"), lyrics, 3, longest_s=240.0)
    score = compose(plan, lyrics, 3)
    return plan, score, mido.MidiFile(file=BytesIO(to_midi(score, plan)), charset="utf-8")


def _track(file, name):
    return next(track for track in file.tracks if track.name == name)


def test_to_midi_states_tempo_metre_key_and_sections():
    plan, score, file = _file(CITY_LIGHTS)
    conductor = file.tracks[0]
    assert (file.type, file.ticks_per_beat, conductor.name) == (1, TICKS_PER_BEAT, "灯 Lights")
    tempo = next(message for message in conductor if message.type == "set_tempo")
    assert round(mido.tempo2bpm(tempo.tempo)) == round(score.bpm)
    markers = [message.text for message in conductor if message.type == "marker"]
    assert markers == [section.label for section in plan.sections]


def test_to_midi_holds_every_note():
    _, score, file = _file(CITY_LIGHTS)
    for part in score.parts:
        ons = [each for each in _track(file, part.name.capitalize()) if each.type == "note_on"]
        assert sorted(each.note for each in ons) == sorted(note.pitch for note in part.notes)
        assert {each.channel == 9 for each in ons} == {part.program is None}
    sung = sum(len(each.notes) for line in score.vocals for each in line.syllables)
    assert sum(each.type == "note_on" for each in _track(file, "Voice")) == sung


def test_to_midi_ends_where_the_song_ends():
    _, score, file = _file(CITY_LIGHTS)
    # A short last stroke ends a bar early.
    assert abs(file.length - score.duration_s) < score.duration_s / score.bars + 0.5


def test_to_midi_carries_the_words():
    _, _, english = _file(CITY_LIGHTS)
    words = "".join(message.text for message in _track(english, "Voice") if message.type == "lyrics")
    assert words.startswith("Streetlights hum above the empty train I count the stations ")
    _, _, mandarin = _file(WEEKEND, Language.MANDARIN)
    words = "".join(message.text for message in _track(mandarin, "Voice") if message.type == "lyrics")
    assert words.startswith("清晨阳光照进我的窗咖啡香气")
