"""Every genre is heard: a short song of each, played by its whole band."""

from dataclasses import replace

import numpy as np
import pytest

from tests.engines.song.weights import sound_font_player
from tutti.engines.song.backing import render_backing
from tutti.engines.song.dsp.levels import active_rms_db
from tutti.engines.song.form import Passage
from tutti.engines.song.genre import genre, genres
from tutti.engines.song.model import Brief, Lyrics, SectionKind
from tutti.engines.song.plan import draw_progressions, lay_sections, make_plan
from tutti.engines.song.score import compose

_SILENT = Lyrics(text="", sections=())
# The second chorus is the last, which has every layer.
_FORM = ((SectionKind.VERSE, 1), (SectionKind.CHORUS, 1), (SectionKind.CHORUS, 2), (SectionKind.OUTRO, 1))


@pytest.mark.parametrize("name", genres())
def test_every_chair_of_every_genre_is_heard(name):
    plan = make_plan(Brief(genre=name, instrumental=True), _SILENT, 5, longest_s=40.0)
    passages = [Passage(kind=kind, label=kind.value, bars=bars) for kind, bars in _FORM]
    progressions = draw_progressions(genre(name), plan.mode, 5)
    sections = lay_sections(passages, progressions, tonic=plan.tonic, mode=plan.mode, beats_per_bar=plan.beats_per_bar)
    plan = replace(plan, sections=sections)
    score = compose(plan, _SILENT, 5)
    stems = dict(render_backing(score, plan, sound_font_player()))
    assert {"drums", *(chair.name for chair in genre(name).chairs)} <= set(stems)
    for part, stem in stems.items():
        assert np.isfinite(stem).all(), part
        assert active_rms_db(stem) > -60, part
        assert np.abs(stem).max() < 4, part
