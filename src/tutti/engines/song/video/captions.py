"""Karaoke captions: each line is drawn twice, unsung and sung; a frame only cuts and joins the two."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tutti.engines.song.model import TimedLine
from tutti.engines.song.video.planes import Planes, from_image

_LARGEST, _SMALLEST = 38, 22
_MARGIN = 36

# A line appears this long before it is sung and stays as long after.
LEAD_S = 1.2
LINGER_S = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a caption: where it stands in the caption's picture and when the sweep is where."""

    top: int
    height: int
    # (second, column) in rising order; between them the sweep moves evenly.
    times_s: tuple[float, ...]
    columns: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Caption:
    """A line ready to show: pictures of the band with the next line dim below it."""

    unsung: Planes
    sung: Planes
    rows: tuple[Row, ...]
    start_s: float
    end_s: float


def draw_captions(
    lines: tuple[TimedLine, ...], band: Image.Image, *, font: Path, sung_colour: str, light_colour: str
) -> list[Caption]:
    """A caption for every line, over `band`, the piece of the backdrop where captions stand."""
    captions = []
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        rows, face = _layout(line, font, band.width - 2 * _MARGIN)
        unsung, placed = _draw(band, rows, face, following, font, colour=light_colour, light_colour=light_colour)
        sung, _ = _draw(band, rows, face, following, font, colour=sung_colour, light_colour=light_colour)
        end_s = line.end_s + LINGER_S
        if following is not None:
            end_s = min(end_s, max(line.end_s, following.start_s - LEAD_S / 4))
        captions.append(Caption(from_image(unsung), from_image(sung), tuple(placed), line.start_s - LEAD_S, end_s))
    return captions


# One row's syllables as (text, start, end).
_Cells = list[tuple[str, float, float]]


def _layout(line: TimedLine, font: Path, width: int) -> tuple[list[_Cells], ImageFont.FreeTypeFont]:
    """The line's syllables in one row, or two where the largest type that fits one would be too small."""
    cells = [(syllable.text, syllable.start_s, syllable.end_s) for syllable in line.syllables]
    for size in range(_LARGEST, _SMALLEST - 1, -2):
        face = ImageFont.truetype(str(font), size)
        if face.getlength(_text(cells)) <= width:
            return [cells], face
        rows = _in_two(line, cells)
        if size <= _LARGEST - 8 and all(face.getlength(_text(row)) <= width for row in rows):
            return rows, face
    return _in_two(line, cells), ImageFont.truetype(str(font), _fitting_size(line, font, width))


def _in_two(line: TimedLine, cells: _Cells) -> list[_Cells]:
    """Broken after the word that ends nearest to the middle."""
    breaks = [i + 1 for i, syllable in enumerate(line.syllables[:-1]) if syllable.ends_word] or [
        max(1, len(cells) // 2)
    ]
    total = len(_text(cells))
    best = min(breaks, key=lambda at: abs(len(_text(cells[:at])) - total / 2))
    return [row for row in (cells[:best], cells[best:]) if row]


def _fitting_size(line: TimedLine, font: Path, width: int) -> int:
    rows = _in_two(line, [(s.text, s.start_s, s.end_s) for s in line.syllables])
    widest = max(ImageFont.truetype(str(font), 20).getlength(_text(row)) for row in rows)
    return max(8, int(20 * width / max(widest, 1)))


def _draw(
    band: Image.Image,
    rows: list[_Cells],
    face: ImageFont.FreeTypeFont,
    following: TimedLine | None,
    font: Path,
    *,
    colour: str,
    light_colour: str,
) -> tuple[Image.Image, list[Row]]:
    picture = band.copy()
    draw = ImageDraw.Draw(picture, "RGBA")
    step = int(face.size * 1.45) // 2 * 2
    placed = []
    for index, cells in enumerate(rows):
        left = (band.width - face.getlength(_text(cells))) / 2
        top = 6 + index * step
        _shadowed(draw, (left, top + int(face.size * 1.1)), _text(cells), face, colour)
        placed.append(_sweep(cells, face, left, top, step))
    if following is not None:
        small = ImageFont.truetype(str(font), 21)
        text = following.text
        while text and small.getlength(text) > band.width - 2 * _MARGIN:
            text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
        left = (band.width - small.getlength(text)) / 2
        _shadowed(draw, (left, 6 + len(rows) * step + 32), text, small, light_colour + "80")
    return picture, placed


def _shadowed(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, face: ImageFont.FreeTypeFont, colour: str
) -> None:
    draw.text((at[0] + 1, at[1] + 2), text, font=face, fill="#00000090", anchor="ls")
    draw.text(at, text, font=face, fill=colour, anchor="ls", stroke_width=1 if face.size > 24 else 0)


def _sweep(cells: _Cells, face: ImageFont.FreeTypeFont, left: float, top: int, height: int) -> Row:
    times, columns, text = [cells[0][1]], [left], ""
    for syllable, start_s, end_s in cells:
        times += [max(start_s, times[-1]), max(end_s, times[-1])]
        columns.append(left + face.getlength(text))
        text += syllable
        columns.append(left + face.getlength(text))
    return Row(top, height, tuple(times), tuple(columns))


def _text(cells: _Cells) -> str:
    return "".join(text for text, _, _ in cells)
