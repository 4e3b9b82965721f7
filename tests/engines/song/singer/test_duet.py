from dataclasses import replace

from tests.engines.song.singer.music import line, plan, score, syllable
from tutti.engines.song.model import Partner, PlanSection, SectionKind, VoiceColour
from tutti.engines.song.singer.duet import cast_lines

KINDS = (SectionKind.VERSE, SectionKind.CHORUS, SectionKind.VERSE)


def song(partner):
    sections = tuple(
        PlanSection(kind=kind, label="", start_bar=n, bars=1, chords=(), energy=0.5) for n, kind in enumerate(KINDS)
    )
    lines = [
        replace(line((syllable("t", "a"), [(at, 1, 60)]), harmony_pitches=(64,)), section=at // 2) for at in range(6)
    ]
    made = plan()
    return score(*lines), replace(made, sections=sections), replace(made.voice, partner=partner)


def pitches(part):
    return [note.pitch for sung in part.line.syllables for note in sung.notes], part.line.harmony_pitches


def test_one_singer_sings_every_line():
    written, made, voice = song(None)
    parts = cast_lines(written, made, voice)
    assert [(part.line, part.blend) for part in parts] == [(line, voice.blend) for line in written.vocals]


def test_two_take_turns_by_section_and_in_the_chorus_by_line():
    partner = Partner(blend=(("b", 1.0),), colour=VoiceColour(formants=0.9), octaves=-1)
    parts = cast_lines(*song(partner))
    assert [part.blend == partner.blend for part in parts] == [False, False, False, True, True, True]
    assert pitches(parts[0]) == ([60], (64,))
    assert pitches(parts[3]) == ([48], (52,))
    assert parts[3].colour == partner.colour
