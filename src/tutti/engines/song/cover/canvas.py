"""A square of float colours and the few things that all styles paint with."""

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.cover.palettes import Colour

SIZE = 1024

Picture = NDArray[np.float32]  # (SIZE, SIZE, 3), 0..1
Mask = NDArray[np.float32]  # (SIZE, SIZE), 0..1

_LINE = np.linspace(0, 1, SIZE, dtype=np.float32)
X, Y = np.meshgrid(_LINE, _LINE)


def gradient(stops: list[tuple[float, Colour]], way: Mask = Y) -> Picture:
    """Colours blended along `way` (0 at the top by default) through (position, colour) stops."""
    positions = [position for position, _ in stops]
    bands = [np.interp(way, positions, [float(colour[i]) for _, colour in stops]) for i in range(3)]
    return np.stack(bands, axis=-1).astype(np.float32)


def cover_with(picture: Picture, colour: Colour | Picture, mask: Mask) -> None:
    """Paint a colour (or another picture) over the picture where the mask says, in place."""
    picture += (colour - picture) * mask[..., None]


def shine(picture: Picture, colour: Colour, mask: Mask) -> None:
    """Add light in place, as a screen blend that never exceeds 1."""
    np.subtract(1, (1 - picture) * (1 - colour * mask[..., None]), out=picture)


def disc(x: float, y: float, radius: float, *, softness: float = 0.0015) -> Mask:
    """A filled circle with a soft edge."""
    return _edge((radius - np.hypot(X - x, Y - y)) / softness)


def ring(x: float, y: float, radius: float, width: float) -> Mask:
    """A circle line."""
    return _edge((width / 2 - np.abs(np.hypot(X - x, Y - y) - radius)) / 0.0015)


def halo(x: float, y: float, radius: float) -> Mask:
    """A round glow."""
    return np.asarray(np.exp(-(np.square(X - x) + np.square(Y - y)) / (radius * radius)), np.float32)


def below(heights: NDArray[np.float32]) -> Mask:
    """What lies under a line of heights, one for each column, 0 at the top."""
    return _edge((Y - heights[None, :]) * SIZE)


def wander(rng: np.random.Generator, *, octaves: int = 6, roughness: float = 0.5, first: float = 2.0) -> Picture:
    """A smooth random line of SIZE values around 0, about -1..1."""
    line = np.zeros(SIZE, np.float32)
    for octave in range(octaves):
        count = int(first * 2**octave) + 2
        knots = rng.uniform(-1, 1, count)
        at = np.linspace(0, count - 1.001, SIZE)
        part = at % 1
        ease = part * part * (3 - 2 * part)
        index = at.astype(int)
        line += (roughness**octave * (knots[index] * (1 - ease) + knots[index + 1] * ease)).astype(np.float32)
    return line


def grain(picture: Picture, rng: np.random.Generator, amount: float = 0.018) -> Picture:
    """The picture with film grain and darker corners, 0..1."""
    noise = rng.standard_normal((SIZE, SIZE, 1), dtype=np.float32) * np.float32(amount)
    corners = 1 - 0.35 * np.clip(np.hypot(X - 0.5, Y - 0.5) - 0.35, 0, 1)
    return np.asarray(np.clip(picture * corners[..., None] + noise, 0, 1), np.float32)


def _edge(distance: Mask) -> Mask:
    """1 well inside, 0 well outside, a slope of one unit between."""
    return np.asarray(np.clip(distance + 0.5, 0, 1), np.float32)
