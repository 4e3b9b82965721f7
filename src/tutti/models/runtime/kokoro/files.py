"""Where the parts of Kokoro lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, kw_only=True, slots=True)
class KokoroFiles:
    """The paths that `Kokoro` reads; fetching them is the model store's work."""

    # The whole network as published: int8 ONNX, about 92 MB.
    model: Path
    # JSON whose "vocab" maps each phonetic letter to its id.
    vocabulary: Path
    # Folder of speakers, one `<name>.bin` each: float32 of shape (510, 1, 256).
    voices: Path
    # Folder that the cut graphs are kept in; made when absent.
    cuts: Path

    @classmethod
    def at(cls, model_folder: Path, voices_folder: Path) -> Self:
        """The files under the names that the model catalogue gives them, the cut graphs beside the weights."""
        return cls(
            model=model_folder / "kokoro-v1.0.int8.onnx",
            vocabulary=model_folder / "vocab.json",
            voices=voices_folder,
            cuts=model_folder / "cuts",
        )
