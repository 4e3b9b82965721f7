"""How clean a voice sounds, relatively: DNSMOS, a measure of speech quality that was never validated for singing."""

import numpy as np
import soxr

_EAR_HZ = 16_000


def dnsmos(audio: np.ndarray, rate_hz: int) -> dict[str, float]:
    """Scores 1..5: "sig" the voice itself, "ovrl" with its background, "p808" overall as a crowd would judge."""
    from speechmos import dnsmos as scorer  # noqa: PLC0415 - loads librosa

    heard = soxr.resample(audio, rate_hz, _EAR_HZ).astype(np.float32)
    scores = scorer.run(heard / max(1.0, float(np.abs(heard).max())), _EAR_HZ)
    return {name: float(scores[f"{name}_mos"]) for name in ("sig", "ovrl", "p808")}
