"""Colours as data: each palette is a dark ground, a second ground, two lively colours and a light one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Palette:
    """Five colours as "#rrggbb": grounds from dark to less dark, then accents, then the light for type."""

    ground: str
    second: str
    accent: str
    glow: str
    light: str

    def colour(self, name: str) -> Colour:
        """A colour by its field name as three floats 0..1."""
        text = getattr(self, name)
        return np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


PALETTES: dict[str, Palette] = {
    "dusk": Palette("#1b1036", "#5b2a86", "#ff6f91", "#ffc75f", "#fff3e2"),
    "night": Palette("#060a1f", "#14275c", "#3a6ff7", "#7de2ff", "#eef6ff"),
    "dawn": Palette("#2b2d5b", "#c85c8e", "#ff9a76", "#ffe29a", "#fff8ec"),
    "sea": Palette("#04222f", "#0c5c75", "#16b3ac", "#a8f0d1", "#f0fff9"),
    "forest": Palette("#0b1f18", "#1f5040", "#6fa86b", "#e8d98a", "#f8f6e3"),
    "ember": Palette("#16060a", "#5a0f1c", "#e23b2e", "#ff9f43", "#fff0e0"),
    "neon": Palette("#0a0118", "#2a0a5e", "#ff2bd6", "#21f6ff", "#f6edff"),
    "candy": Palette("#3b1a5a", "#ff5fa2", "#ffb347", "#8de8ff", "#fffdf2"),
    "ink": Palette("#20242b", "#5d6874", "#b5433a", "#cfd3cc", "#f5f1e6"),
    "jade": Palette("#0d2a2a", "#2f6f64", "#d4a24c", "#f2dfa7", "#fbf6e6"),
    "gold": Palette("#1a1206", "#5c3b12", "#d99a2b", "#ffe08a", "#fff8e5"),
    "rain": Palette("#121a24", "#34495e", "#6d8aa5", "#b8cad9", "#eef3f7"),
}

# Words of moods and genres -> palettes that suit them; the seed picks among all that the words name.
_SUITS: dict[str, tuple[str, ...]] = {
    "happy": ("candy", "dawn", "gold"),
    "bright": ("candy", "dawn", "sea"),
    "sad": ("rain", "night", "ink"),
    "emotional": ("dusk", "rain", "night"),
    "dark": ("ember", "night", "neon"),
    "romantic": ("dusk", "dawn", "candy"),
    "calm": ("sea", "forest", "rain"),
    "peaceful": ("sea", "forest", "jade"),
    "dreamy": ("dusk", "dawn", "neon"),
    "epic": ("ember", "gold", "night"),
    "angry": ("ember",),
    "energetic": ("neon", "ember", "candy"),
    "nostalgic": ("gold", "dusk", "forest"),
    "pop": ("dusk", "candy", "dawn", "sea"),
    "rock": ("ember", "night", "gold"),
    "punk": ("ember", "neon"),
    "metal": ("ember", "ink"),
    "ballad": ("dusk", "rain", "dawn", "night"),
    "edm": ("neon", "night", "candy"),
    "electronic": ("neon", "night"),
    "chinese": ("ink", "jade", "gold"),
    "folk": ("forest", "gold", "rain"),
    "rnb": ("dusk", "night", "gold"),
    "lofi": ("rain", "dusk", "forest"),
    "jazz": ("gold", "night", "ember"),
    "hip-hop": ("gold", "neon", "ember"),
}


def choose_palettes(words: str) -> list[Palette]:
    """Palettes that suit the mood and genre words, the best first; all of them where the words say nothing."""
    votes: dict[str, int] = {}
    for word, names in _SUITS.items():
        if word in words.lower():
            for rank, name in enumerate(names):
                votes[name] = votes.get(name, 0) + 4 - rank
    chosen = sorted(votes, key=lambda name: -votes[name]) or list(PALETTES)
    return [PALETTES[name] for name in chosen]
