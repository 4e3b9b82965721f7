from hypothesis import given, settings

from tests.engines.song.singer.music import line, lines, score, syllable
from tutti.engines.song.singer.phrases import line_phrases


def held(at, beats, pitch=60):
    return syllable("l", "a"), [(at, beats, pitch)]


def test_line_is_one_phrase_in_seconds():
    written = line(held(4, 1), held(5, 2, 62))
    (phrase,) = line_phrases(written, score(written))
    assert [(sung.start_s, sung.end_s) for sung in phrase] == [(2.0, 2.5), (2.5, 3.5)]
    assert [sung.notes[0].pitch for sung in phrase] == [60, 62]


def test_line_is_cut_at_a_rest_that_lets_one_breathe():
    written = line(held(0, 1), held(1, 1), held(3.2, 1), held(4.4, 1))
    assert [len(phrase) for phrase in line_phrases(written, score(written))] == [2, 2]


def test_harmony_takes_its_own_pitches_note_by_note():
    written = line((syllable("l", "a"), [(0, 1, 60), (1, 1, 62)]), held(2, 1, 64), harmony_pitches=(64, 65, 67))
    (phrase,) = line_phrases(written, score(written), harmony=True)
    assert [note.pitch for sung in phrase for note in sung.notes] == [64, 65, 67]


@settings(max_examples=60, deadline=None)
@given(lines())
def test_phrases_keep_every_note_and_are_short_enough(written):
    phrases = line_phrases(written, score(written))
    notes = [note.pitch for phrase in phrases for sung in phrase for note in sung.notes]
    assert notes == [note.pitch for sung in written.syllables for note in sung.notes]
    assert all(len(phrase) == 1 or phrase[-1].end_s - phrase[0].start_s <= 16.0 for phrase in phrases)
