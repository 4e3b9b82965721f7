"""A song's cover: style and colours from its words, the title set over them, as two JPEGs."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tutti.engines.song.cover.canvas import SIZE, grain
from tutti.engines.song.cover.palettes import Palette, choose_palettes
from tutti.engines.song.cover.styles import STYLES

SMALL_SIZE = 512

_MARGIN = 72
_LARGEST_TITLE, _SMALLEST_TITLE = 120, 48
_STYLE_LINE = 30
_TITLE_LINES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """A cover in both sizes."""

    picture: Image.Image
    large_jpeg: bytes
    small_jpeg: bytes
    palette: Palette


def draw_cover(*, title: str, style: str, words: str, seed: int, font: Path, variant: int = 0) -> Cover:
    """The cover of one clip.

    `words` name moods and genre and choose the colours; `style` is the line under the title; `variant` counts the clips
    of one song, whose covers differ in style and colours. `font` is a TrueType file that has the title's letters.
    """
    names = list(STYLES)
    song = np.random.default_rng([ord(letter) for letter in title + words] or [0])
    painting = STYLES[names[(int(song.integers(len(names))) + variant) % len(names)]]
    palettes = choose_palettes(words)
    palette = palettes[(int(song.integers(len(palettes))) + variant) % len(palettes)]
    rng = np.random.default_rng(seed)
    picture = _to_image(grain(painting(palette, rng), rng))
    picture = _with_title(picture, title, style, palette, font)
    small = picture.resize((SMALL_SIZE, SMALL_SIZE), Image.Resampling.LANCZOS)
    return Cover(picture=picture, large_jpeg=_jpeg(picture), small_jpeg=_jpeg(small), palette=palette)


def _to_image(pixels: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Image.Image:
    return Image.fromarray((pixels * 255 + 0.5).astype(np.uint8), "RGB")


def _with_title(picture: Image.Image, title: str, style: str, palette: Palette, font: Path) -> Image.Image:
    """The title low on the left over a soft shadow of itself, the style line beneath a short rule."""
    lines, face = fit_title(title, font)
    small = ImageFont.truetype(str(font), _STYLE_LINE)
    step = int(face.size * 1.14)
    last_baseline = SIZE - _MARGIN - (64 if style else 0) - int(face.size * 0.3)
    layer = Image.new("L", (SIZE, SIZE), 0)
    draw = ImageDraw.Draw(layer)
    for index, line in enumerate(lines):
        baseline = last_baseline - (len(lines) - 1 - index) * step
        draw.text((_MARGIN, baseline), line, font=face, fill=255, stroke_width=round(face.size / 45), anchor="ls")
    if style:
        draw.rectangle((_MARGIN + 2, SIZE - _MARGIN - 50, _MARGIN + 90, SIZE - _MARGIN - 46), fill=255)
        draw.text((_MARGIN + 2, SIZE - _MARGIN - 36), _cut(style, small, SIZE - 2 * _MARGIN), font=small, fill=235)
    shadow = layer.filter(ImageFilter.GaussianBlur(18)).point(lambda value: min(200, value * 2))
    picture = Image.composite(Image.new("RGB", picture.size, palette.ground), picture, shadow)
    return Image.composite(Image.new("RGB", picture.size, palette.light), picture, layer)


def fit_title(title: str, font: Path) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """The title broken into at most three lines in the largest size that fits; what still does not fit is cut."""
    for size in range(_LARGEST_TITLE, _SMALLEST_TITLE - 1, -6):
        face = ImageFont.truetype(str(font), size)
        lines = wrap(title, face, SIZE - 2 * _MARGIN)
        if len(lines) <= (2 if size > 84 else _TITLE_LINES):
            return lines, face
    lines = wrap(title, face, SIZE - 2 * _MARGIN)[:_TITLE_LINES]
    lines[-1] = _cut(lines[-1] + "…", face, SIZE - 2 * _MARGIN)
    return lines, face


def wrap(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Text in lines no wider than `width`, broken between words, or between letters where a word alone is too wide."""
    lines = [""]
    for word in text.split():
        for piece in [word] if face.getlength(word) <= width else list(word):
            gap = " " if lines[-1] and piece is word else ""
            if lines[-1] and face.getlength(lines[-1] + gap + piece) > width:
                lines.append(piece)
            else:
                lines[-1] += gap + piece
    return lines


def _cut(text: str, face: ImageFont.FreeTypeFont, width: float) -> str:
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ,") + "…"


def _jpeg(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=88, optimize=True)
    return buffer.getvalue()
