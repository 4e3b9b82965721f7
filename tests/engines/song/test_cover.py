from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFont

from tests.engines.song.weights import text_font
from tutti.engines.song.cover.canvas import SIZE
from tutti.engines.song.cover.cover import Cover, draw_cover, fit_title, wrap
from tutti.engines.song.cover.palettes import PALETTES, choose_palettes
from tutti.engines.song.cover.styles import STYLES


def _cover(**changes: object) -> Cover:
    wish = {"title": "City Lights", "style": "pop", "words": "pop sad", "seed": 3, "font": text_font(), "variant": 0}
    return draw_cover(**(wish | changes))


@pytest.mark.parametrize("style", STYLES)
def test_every_style_paints_a_picture_with_depth(style):
    picture = STYLES[style](PALETTES["dusk"], np.random.default_rng(1))
    assert picture.shape == (SIZE, SIZE, 3)
    assert np.isfinite(picture).all()
    assert picture.min() > -0.05
    assert picture.max() < 1.05
    assert picture.std() > 0.05


def test_covers_have_both_sizes():
    cover = _cover()
    large, small = (Image.open(BytesIO(raw)) for raw in (cover.large_jpeg, cover.small_jpeg))
    assert (large.format, large.size) == ("JPEG", (1024, 1024))
    assert (small.format, small.size) == ("JPEG", (512, 512))


def test_the_same_clip_has_the_same_cover_and_the_other_another():
    assert _cover().large_jpeg == _cover().large_jpeg
    first, second = (np.asarray(_cover(variant=v).picture, np.float32) for v in (0, 1))
    assert np.abs(first - second).mean() > 10


@pytest.mark.parametrize("title", ["", "江南烟雨", "A" * 300, "word " * 60, "🎵 x"])
def test_any_title_fits(title):
    lines, face = fit_title(title, text_font())
    assert len(lines) <= 3
    assert all(face.getlength(line) <= SIZE - 100 for line in lines)


def test_wrapping_keeps_all_words():
    face = ImageFont.truetype(str(text_font()), 40)
    text = "one two three four five six seven"
    assert " ".join(wrap(text, face, 200)) == text


def test_palettes_suit_the_words():
    assert PALETTES["ember"] in choose_palettes("punk angry")[:2]
    assert len(choose_palettes("")) == len(PALETTES)
