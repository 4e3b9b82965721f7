"""Kokoro-82M v1.0: a speech network, opened at its seams so that a score as well as a sentence can drive it.

The network reads phonetic letters and a speaker's style vector, predicts how long each letter lasts, then pitch and
energy, then articulation, and sounds that. `surgery.py` cuts the published graph after each of these steps;
`network.py` runs the pieces; `voices.py` and `vocabulary.py` hold its speakers and letters. Frames are 25 ms.
"""

from tutti.models.runtime.kokoro.files import KokoroFiles
from tutti.models.runtime.kokoro.network import CURVE_HZ, FRAME_HZ, SAMPLE_RATE_HZ, Kokoro, Prosody

__all__ = ["CURVE_HZ", "FRAME_HZ", "SAMPLE_RATE_HZ", "Kokoro", "KokoroFiles", "Prosody"]
