"""Chance that can be repeated: every decision has its own stream, so that one more draw changes no other."""

import zlib
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of the decision called `names` in the song of `seed` (any integer); the same on every machine."""
    label = zlib.crc32("/".join(str(name) for name in names).encode())
    return np.random.default_rng([seed & 0xFFFF_FFFF, (seed >> 32) & 0xFFFF_FFFF, label])


def pick(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    """One of `options`, each as likely; raises `ValueError` when there are none."""
    return options[int(rng.integers(len(options)))]
