"""The pieces of Kokoro, ready to run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tutti.models.runtime.kokoro.files import KokoroFiles
from tutti.models.runtime.kokoro.surgery import cut_graphs
from tutti.models.runtime.kokoro.vocabulary import Vocabulary
from tutti.models.runtime.kokoro.voices import Voices

SAMPLE_RATE_HZ = 24_000
# Durations are counted in frames of 600 samples; pitch and energy have two values in each.
FRAME_HZ = 40
CURVE_HZ = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Prosody:
    """How a text is spoken: two float32 curves of 80 values a second."""

    # Hz; near zero where the network hears no voice.
    f0: NDArray[np.float32]
    # In the network's own unit, about -10 (silence) .. 15 (a loud vowel).
    energy: NDArray[np.float32]


class Kokoro:
    """One loaded network; calls give the same values for the same arguments and number of threads."""

    def __init__(self, files: KokoroFiles, *, threads: int = 1) -> None:
        """Load the pieces, cutting them first where that was never done. Raises `ModelFileError`."""
        paths = cut_graphs(files.model, files.cuts)
        self._durations, self._prosody, self._articulation, self._sound = (
            _session(paths[name], threads) for name in ("durations", "prosody", "articulation", "sound")
        )
        # Otherwise it keeps the memory of the longest phrase ever sung, some 200 MB, for good.
        self._frugal = onnxruntime.RunOptions()
        self._frugal.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self.vocabulary = Vocabulary.read(files.vocabulary)
        self.voices = Voices(files.voices)

    def durations(
        self, ids: NDArray[np.int64], style: NDArray[np.float32], *, speed: float = 1.0
    ) -> NDArray[np.float32]:
        """Frames that each id takes when spoken, float32 of shape (ids,), borders included."""
        feeds = {"tokens": ids, "style": style, "speed": np.array([speed], np.float32)}
        frames: NDArray[np.float32] = self._durations.run(None, feeds)[0][0]
        return frames

    def prosody(self, ids: NDArray[np.int64], style: NDArray[np.float32], frames: NDArray[np.int64]) -> Prosody:
        """Pitch and energy of a reading whose ids last `frames` (int64, of shape (ids,)) each."""
        f0, energy = self._prosody.run(None, {"tokens": ids, "style": style, "frames": frames})
        return Prosody(f0=f0[0], energy=energy[0])

    def articulate(
        self, ids: NDArray[np.int64], style: NDArray[np.float32], frames: NDArray[np.int64], prosody: Prosody
    ) -> NDArray[np.float32]:
        """What the mouth does in that reading: float32 of shape (1, 512, 2 * frames), 80 values a second."""
        feeds = {
            "tokens": ids,
            "style": style,
            "frames": frames,
            "f0": prosody.f0[None],
            "energy": prosody.energy[None],
        }
        features: NDArray[np.float32] = self._articulation.run(None, feeds)[0]
        return features

    def sound(
        self, features: NDArray[np.float32], style: NDArray[np.float32], f0: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The sound of features at a pitch in Hz (shape (curve,), 0 is unvoiced): float32 mono at 24,000 Hz."""
        feeds = {"features": features, "style": style, "f0": f0[None]}
        audio: NDArray[np.float32] = self._sound.run(None, feeds, self._frugal)[0]
        return audio


def _session(path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Every line has a length of its own, so remembered memory layouts never fit and only hold memory.
    options.enable_mem_pattern = False
    # A thread that spins while it waits takes its core from the server.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
