"""The styles: each paints a whole cover from a palette and a generator; the lower third stays calm for the title."""

from collections.abc import Callable

import numpy as np

from tutti.engines.song.cover.canvas import (
    SIZE,
    Mask,
    Picture,
    X,
    Y,
    below,
    cover_with,
    disc,
    gradient,
    halo,
    ring,
    shine,
    wander,
)
from tutti.engines.song.cover.palettes import Palette

Style = Callable[[Palette, np.random.Generator], Picture]


def mountains(palette: Palette, rng: np.random.Generator) -> Picture:
    """A sun over ridges that fade into haze."""
    ground, second, accent, glow = (palette.colour(name) for name in ("ground", "second", "accent", "glow"))
    picture = gradient([(0.0, second * 0.8), (0.35, accent), (0.62, glow), (1.0, glow)])
    x, y = rng.uniform(0.25, 0.75), rng.uniform(0.26, 0.4)
    shine(picture, palette.colour("light"), halo(x, y, 0.34) * 0.55)
    cover_with(picture, palette.colour("light"), disc(x, y, rng.uniform(0.09, 0.15)) * 0.95)
    for layer in range(6):
        depth = layer / 5
        heights = 0.5 + 0.36 * depth**1.15 - 0.085 * (1 - 0.4 * depth) * wander(rng, roughness=0.55, first=2 + layer)
        rock = accent * (1 - depth) * 0.75 + second * 0.6 * depth * (1 - depth) + ground * depth
        haze = gradient(
            [(0.0, rock), (0.25, rock * 0.6 + glow * 0.4 * (1 - depth) + rock * 0.4 * depth)], Y - 0.45 - 0.3 * depth
        )
        cover_with(picture, haze, below(heights.astype(np.float32)))
    return picture


def ridgelines(palette: Palette, rng: np.random.Generator) -> Picture:
    """Lines of light stacked like the traces of a pulsar."""
    picture = gradient(
        [(0.0, palette.colour("ground")), (0.6, palette.colour("ground") * 0.6), (1.0, palette.colour("second") * 0.5)]
    )
    shine(picture, palette.colour("second"), halo(0.5, 0.4, 0.45) * 0.8)
    window = np.exp(-np.square((X[0] - rng.uniform(0.42, 0.58)) / 0.17))
    colours = gradient(
        [(0.0, palette.colour("accent")), (0.5, palette.colour("glow")), (1.0, palette.colour("accent"))], X
    )
    for row in np.linspace(0.14, 0.68, 30):
        bumps = np.abs(wander(rng, octaves=5, first=9, roughness=0.6)) * window
        heights = (row - 0.1 * bumps - 0.002 * wander(rng, octaves=4, first=12)).astype(np.float32)
        inside = below(heights)
        cover_with(
            picture,
            palette.colour("ground") * 0.75,
            inside * (0.9 * np.exp(-np.clip(Y - row, 0, 1) / 0.03)).astype(np.float32),
        )
        line = np.clip(1.6 - np.abs(Y - heights[None, :]) * SIZE / 1.4, 0, 1) * (0.25 + 0.75 * window)[None, :]
        shine(picture, colours, line.astype(np.float32))
    return picture


def bloom(palette: Palette, rng: np.random.Generator) -> Picture:
    """Folds of colour flowing into each other, with a thin circle laid on them."""
    names = ("accent", "glow", "second", "accent", "light", "second")
    picture = np.broadcast_to(palette.colour("second"), (SIZE, SIZE, 3)).astype(np.float32)
    bend_x = X + 0.16 * np.sin(Y * rng.uniform(5, 8) + rng.uniform(0, 6)) + 0.05 * np.sin(Y * 17 + X * 7)
    bend_y = Y + 0.16 * np.sin(X * rng.uniform(5, 8) + rng.uniform(0, 6)) + 0.05 * np.sin(X * 15 - Y * 9)
    for turn, name in enumerate(names):
        x, y, size = rng.uniform(0.05, 0.95), rng.uniform(0.0, 0.7), rng.uniform(0.16, 0.34)
        mask = np.exp(-np.square(np.square(bend_x - x) / size**2 + np.square(bend_y - y) / size**2))
        cover_with(picture, palette.colour(name), (mask * (0.9 - 0.06 * turn)).astype(np.float32))
    folds = 0.5 + 0.5 * np.sin(26 * (bend_x + 0.7 * bend_y) + 3 * np.sin(9 * bend_y))
    shine(picture, palette.colour("light"), (0.1 * folds**6).astype(np.float32))
    cover_with(picture, palette.colour("ground"), (np.clip((Y - 0.5) * 1.9, 0, 0.9)).astype(np.float32))
    shine(picture, palette.colour("light"), ring(0.5, 0.4, 0.27, 0.004) * 0.8)
    return picture


def orbits(palette: Palette, rng: np.random.Generator) -> Picture:
    """Arcs around one centre with planets on them: a poster's geometry."""
    picture = gradient(
        [(0.0, palette.colour("ground")), (1.0, palette.colour("second") * 0.8)], np.asarray((X + Y) / 2, np.float32)
    )
    stars = rng.random((SIZE, SIZE), dtype=np.float32) > 0.9994
    shine(picture, palette.colour("light"), stars.astype(np.float32) * 0.7)
    x, y = rng.uniform(0.3, 0.7), rng.uniform(0.34, 0.44)
    angle = np.arctan2(Y - y, X - x)
    shine(picture, palette.colour("accent"), halo(x, y, 0.3) * 0.6)
    cover_with(
        picture,
        gradient(
            [(0.0, palette.colour("glow")), (1.0, palette.colour("accent"))],
            np.asarray(np.clip((Y - y + 0.12) * 4, 0, 1), np.float32),
        ),
        disc(x, y, 0.105),
    )
    for turn in range(9):
        radius = 0.15 + 0.062 * turn + rng.uniform(-0.012, 0.012)
        start = rng.uniform(-np.pi, np.pi)
        along = ((angle - start) % (2 * np.pi)) / (2 * np.pi)
        colour = palette.colour(("accent", "glow", "light")[turn % 3])
        fade = np.clip(1 - along * rng.uniform(1.0, 1.8), 0, 1) ** 1.3
        shine(picture, colour, (ring(x, y, radius, 0.0035 + 0.012 * (turn % 3 == 0)) * fade).astype(np.float32))
        px, py = x + radius * np.cos(start), y + radius * np.sin(start)
        shine(picture, colour, halo(px, py, 0.03) * 0.5)
        cover_with(picture, colour, disc(px, py, rng.uniform(0.006, 0.02)))
    return picture


def skyline(palette: Palette, rng: np.random.Generator) -> Picture:
    """A city at night with lit windows, and its reflection in the water."""
    picture = gradient(
        [(0.0, palette.colour("ground")), (0.42, palette.colour("second")), (0.66, palette.colour("accent"))]
    )
    moon = rng.uniform(0.2, 0.8)
    shine(picture, palette.colour("glow"), halo(moon, 0.24, 0.2) * 0.5)
    cover_with(picture, palette.colour("light"), disc(moon, 0.24, 0.06))
    shore = int(0.68 * SIZE)
    for depth in (0.45, 0.75, 1.0):
        _buildings(picture, palette, rng, depth=depth, shore=shore)
    for row in range(shore, SIZE):
        away = (row - shore) / (SIZE - shore)
        shift = int((12 * np.sin(row * 0.35) + 8 * np.sin(row * 0.11 + 1)) * away)
        picture[row] = np.roll(picture[2 * shore - row - 1], shift, axis=0) * np.float32(0.62 - 0.3 * away)
    return picture


def _buildings(picture: Picture, palette: Palette, rng: np.random.Generator, *, depth: float, shore: int) -> None:
    """One row of houses, the nearer the darker, with windows lit at random."""
    wall = palette.colour("ground") * depth + palette.colour("accent") * (1 - depth) * 0.7
    left = -int(rng.integers(0, 40))
    while left < SIZE:
        width = int(rng.integers(38, 100))
        top = shore - int(rng.uniform(0.1, 0.46 - 0.16 * depth) * SIZE)
        columns = slice(max(0, left), max(0, left + width))
        picture[top:shore, columns] = wall * (0.85 if rng.random() < 0.5 else 1.0)
        for y in range(top + 10, shore - 12, 16):
            for x in range(max(0, left + 7), min(SIZE, left + width) - 10, 13):
                if rng.random() < 0.3 * depth:
                    picture[y : y + 8, x : x + 6] = palette.colour("glow") * rng.uniform(0.5, 1.0)
        left += width + int(rng.integers(0, 14))


def ribbons(palette: Palette, rng: np.random.Generator) -> Picture:
    """Silk bands waving across the square, each shaded along its fold."""
    picture = gradient([(0.0, palette.colour("second")), (1.0, palette.colour("ground"))])
    slope = rng.uniform(-0.25, 0.25)
    for layer in range(12):
        position = 0.1 + 0.055 * layer
        middle = (
            position
            + slope * (X[0] - 0.5)
            + 0.09 * np.sin(X[0] * rng.uniform(3, 6) + layer * 0.45)
            + 0.02 * wander(rng, octaves=2)
        )
        inside = below(middle.astype(np.float32))
        blend = layer / 11
        warm = palette.colour("glow") * (1 - blend) + palette.colour("accent") * blend
        tone = warm * (1 - 0.75 * blend**2) + palette.colour("ground") * 0.75 * blend**2
        distance = np.clip((Y - middle[None, :]) / 0.13, 0, 1)
        shade: Mask = (0.62 + 0.38 * np.cos(distance * np.pi)).astype(np.float32)
        cover_with(
            picture, tone * shade[..., None] + palette.colour("ground") * (1 - shade[..., None]) * 0.5, inside * 0.96
        )
    return picture


STYLES: dict[str, Style] = {
    "mountains": mountains,
    "orbits": orbits,
    "bloom": bloom,
    "skyline": skyline,
    "ridgelines": ridgelines,
    "ribbons": ribbons,
}
