import json
import re

import pytest

from tests.engines.song.sample import MANDARIN, make_plan, make_score
from tutti.engines.song.timed import time_lines, to_json, to_lrc

SCORE = make_score(make_plan(bars=10, bpm=120.0))


def test_lines_carry_the_score_s_times():
    lines = time_lines(SCORE)
    assert [line.text for line in lines] == [line.text for line in SCORE.vocals]
    first, line = SCORE.vocals[0].syllables[0], lines[0]
    assert line.start_s == line.syllables[0].start_s == pytest.approx(SCORE.seconds_at(first.notes[0].onset_ticks))
    assert "".join(s.text for s in line.syllables) == line.text
    for syllable in line.syllables:
        assert syllable.start_s < syllable.end_s


def test_an_offset_moves_all():
    moved = time_lines(SCORE, offset_s=1.5)
    assert moved[0].start_s == pytest.approx(time_lines(SCORE)[0].start_s + 1.5)


def test_lrc_has_head_and_times():
    rows = to_lrc(time_lines(SCORE), title="A\nB", artist="Tutti").splitlines()
    assert rows[:3] == ["[ti:A B]", "[ar:Tutti]", "[by:Tutti]"]
    assert rows[3] == "[00:04.00]We are walking through the city lights"
    assert re.fullmatch(r"\[\d\d:\d\d\.\d\d\]", rows[-1])


def test_json_reads_back():
    lines = time_lines(make_score(make_plan(bars=10), lines=MANDARIN))
    read = json.loads(to_json(lines))
    assert read[0]["text"] == MANDARIN[0]
    assert set(read[0]["syllables"][0]) == {"text", "start_s", "end_s", "ends_word"}


def test_lrc_of_an_instrumental_is_its_head():
    assert to_lrc((), title="A", artist="Tutti") == "[ti:A]\n[ar:Tutti]\n[by:Tutti]\n"
