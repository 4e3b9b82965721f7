"""One stroke of each drum, synthesised: mono float32 of shape (samples,), peak about 1, at 44,100 Hz.

Every function takes a generator first: strokes of one drum differ a little, as a drummer's do. Membranes are sines
whose pitch falls; wires, hands and sticks are filtered noise; metal is a crowd of partials in no harmonic order over
noise whose high bands die first.
"""

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.dsp.filters import Section, bandpass, equalise, highpass, lowpass, peak
from tutti.engines.song.model import SAMPLE_RATE_HZ

Stroke = NDArray[np.float32]


def kick(
    rng: np.random.Generator,
    *,
    pitch_hz: float = 52.0,
    sweep_hz: float = 150.0,
    sweep_s: float = 0.03,
    decay_s: float = 0.16,
    click: float = 0.35,
    drive: float = 1.4,
) -> Stroke:
    """A bass drum: a sine that drops from `pitch_hz + sweep_hz`, the beater's click before it."""
    time = time_axis(decay_s * 6)
    pitch = pitch_hz * rng.uniform(0.99, 1.01) + sweep_hz * np.exp(-time / sweep_s)
    body = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE_HZ) * np.exp(-time / decay_s)
    beater = noise(rng, time.size, highpass(1500), lowpass(7000)) * np.exp(-time / 0.004)
    return finished(np.tanh(drive * (body + click * beater)))


def snare(
    rng: np.random.Generator,
    *,
    pitch_hz: float = 190.0,
    ring_s: float = 0.09,
    wires_s: float = 0.13,
    wires: float = 0.9,
    crack_hz: float = 3200.0,
) -> Stroke:
    """A snare drum: two modes of the skin and the wires below, which speak a little later and longer."""
    time = time_axis(max(ring_s, wires_s) * 6)
    bend = 1 + 0.35 * np.exp(-time / 0.012)
    base = pitch_hz * rng.uniform(0.985, 1.015)
    skin = np.zeros(time.size)
    for ratio, level in ((1.0, 1.0), (1.72, 0.6), (2.41, 0.3)):
        phase = 2 * np.pi * np.cumsum(base * ratio * bend) / SAMPLE_RATE_HZ
        skin += level * np.sin(phase) * np.exp(-time / (ring_s / ratio))
    rattle = noise(rng, time.size, highpass(1100), peak(crack_hz, 5, 0.8), lowpass(11000))
    envelope = (1 - np.exp(-time / 0.0015)) * (0.65 * np.exp(-time / wires_s) + 0.6 * np.exp(-time / 0.02))
    stick = noise(rng, time.size, highpass(2500)) * np.exp(-time / 0.0025)
    return finished(np.tanh(1.2 * (0.75 * skin + wires * 1.6 * rattle * envelope + 0.5 * stick)))


def rim(rng: np.random.Generator, *, pitch_hz: float = 1650.0) -> Stroke:
    """A cross-stick: wood on the rim, two short modes."""
    time = time_axis(0.12)
    wood = np.sin(2 * np.pi * pitch_hz * time) * np.exp(-time / 0.012)
    wood += 0.7 * np.sin(2 * np.pi * pitch_hz * 0.29 * time) * np.exp(-time / 0.02)
    return finished(wood + 0.3 * noise(rng, time.size, bandpass(3000, 0.7)) * np.exp(-time / 0.004))


def clap(rng: np.random.Generator, *, tail_s: float = 0.09, spread_s: float = 0.009) -> Stroke:
    """Several hands: three short bursts just apart, then the room."""
    time = time_axis(tail_s * 6)
    envelope = 0.7 * np.exp(-time / tail_s) * (time > 3 * spread_s)
    for turn in range(4):
        start = turn * spread_s * rng.uniform(0.85, 1.15)
        envelope += np.where(time >= start, np.exp(-(time - start) / 0.004), 0.0)
    return finished(noise(rng, time.size, highpass(650), peak(1250, 8, 1.0), lowpass(9000)) * envelope)


def hat(rng: np.random.Generator, *, decay_s: float = 0.045, tone_hz: float = 420.0, metal: float = 0.5) -> Stroke:
    """A hi-hat: six square waves in no harmonic order and noise, all above 6 kHz."""
    time = time_axis(decay_s * 6)
    phases = rng.uniform(0, 1, 6)
    ratios = np.array([2.0, 3.0, 4.16, 5.43, 6.79, 8.21])
    squares = np.sign(np.sin(2 * np.pi * (np.outer(ratios * tone_hz, time) + phases[:, None]))).sum(axis=0) / 6
    ring = equalise(squares[None].astype(np.float32), highpass(6500), highpass(6500))[0]
    air = noise(rng, time.size, highpass(7500), peak(10500, 3, 1.0), lowpass(15000))
    envelope = (0.75 * np.exp(-time / decay_s) + 0.5 * np.exp(-time / 0.008)) * (1 - np.exp(-time / 0.0006))
    return finished((metal * ring * 2 + (1 - metal) * air) * envelope)


def cymbal(
    rng: np.random.Generator,
    *,
    decay_s: float = 0.9,
    low_hz: float = 320.0,
    bell: float = 0.0,
    ping: float = 0.0,
    swell_s: float = 0.002,
) -> Stroke:
    """A cymbal: ninety partials above `low_hz` and bands of noise; `ping` is the stick, `bell` the cup's tone."""
    time = time_axis(decay_s * 4)
    hz = low_hz * np.exp(rng.uniform(0, np.log(14000 / low_hz), 90))
    # High partials die first; the sum of so many beats against each other as metal does.
    total = 0.09 * ringing(
        hz,
        decay_s * (900 / (900 + hz)) ** 0.35,
        levels=rng.uniform(0.3, 1, hz.size) * np.exp(1j * rng.uniform(0, 2 * np.pi, hz.size)),
        samples=time.size,
    )
    for band_hz, life in ((2500, 0.9), (5500, 0.7), (9000, 0.5)):
        total += 0.8 * noise(rng, time.size, bandpass(band_hz, 0.8)) * np.exp(-time / (decay_s * life))
    stick = noise(rng, time.size, bandpass(5200, 1.2)) * np.exp(-time / 0.012)
    tones = np.array([734.0, 1113.0, 1860.0, 2741.0])
    cup = ringing(tones, np.full(4, decay_s * 0.5), levels=np.full(4, -1j), samples=time.size) if bell else 0.0
    return finished((1 - np.exp(-time / swell_s)) * total + 3 * ping * stick + bell * 0.4 * cup)


def tom(rng: np.random.Generator, *, pitch_hz: float, decay_s: float = 0.22) -> Stroke:
    """A tom: two skin modes gliding down, a soft stick."""
    time = time_axis(decay_s * 6)
    bend = 1 + 0.45 * np.exp(-time / 0.035)
    base = pitch_hz * rng.uniform(0.99, 1.01)
    phase = 2 * np.pi * np.cumsum(base * bend) / SAMPLE_RATE_HZ
    skin = np.sin(phase) * np.exp(-time / decay_s) + 0.35 * np.sin(1.59 * phase) * np.exp(-time / (decay_s / 2))
    stick = noise(rng, time.size, bandpass(2600, 0.8)) * np.exp(-time / 0.006)
    return finished(np.tanh(1.3 * (skin + 0.5 * stick)))


def shaken(rng: np.random.Generator, *, hz: float = 6500.0, decay_s: float = 0.04, jingle: float = 0.0) -> Stroke:
    """A shaker or, with `jingle`, a tambourine: grains of noise that swell and fall."""
    time = time_axis(decay_s * 6 + 0.02)
    grains = noise(rng, time.size, bandpass(hz, 1.1), highpass(3000)) * (0.4 + 0.6 * rng.random(time.size))
    envelope = (1 - np.exp(-time / 0.008)) * np.exp(-time / decay_s)
    bells = sum(np.sin(2 * np.pi * f * time + rng.uniform(0, 6)) for f in (5210.0, 6890.0, 8330.0, 9720.0))
    return finished(grains * envelope + jingle * 0.25 * bells * np.exp(-time / (decay_s * 1.6)))


def struck(rng: np.random.Generator, *, hz: float, decay_s: float = 0.05, ratio: float = 1.5) -> Stroke:
    """Small struck things (claves, cowbell, wood, conga): two modes `ratio` apart."""
    time = time_axis(decay_s * 6)
    base = hz * rng.uniform(0.995, 1.005)
    tone = np.sin(2 * np.pi * base * time) + 0.6 * np.sin(2 * np.pi * base * ratio * time)
    knock = noise(rng, time.size, bandpass(min(hz * 3, 9000), 0.8)) * np.exp(-time / 0.003)
    return finished(np.tanh(1.2 * tone) * np.exp(-time / decay_s) + 0.5 * knock)


def snap(rng: np.random.Generator, *, hz: float = 2100.0) -> Stroke:
    """Fingers: a short bright knock and the hand's hollow."""
    time = time_axis(0.16)
    knock = noise(rng, time.size, bandpass(hz, 2.5)) * np.exp(-time / 0.014)
    return finished(knock + 0.4 * noise(rng, time.size, bandpass(hz * 0.5, 3.0)) * np.exp(-time / 0.03))


def brush(rng: np.random.Generator, *, length_s: float = 0.26, skin: float = 0.0) -> Stroke:
    """Wires drawn over a snare's skin: noise that swells and dies; `skin` adds the tap that ends it."""
    time = time_axis(length_s * 2)
    sweep = noise(rng, time.size, highpass(900), peak(2600, 4, 0.7), lowpass(9000))
    envelope = np.sin(np.pi * np.clip(time / length_s, 0, 1)) ** 1.5 + np.exp(-time / 0.03) * skin
    tap = np.sin(2 * np.pi * 205 * time) * np.exp(-time / 0.05)
    return finished(sweep * envelope + 0.5 * skin * tap)


def scrape(rng: np.random.Generator, *, teeth: float = 14.0, length_s: float = 0.13) -> Stroke:
    """A guiro: a stick over a row of teeth."""
    time = time_axis(length_s * 1.4)
    ticks = np.clip(np.sin(2 * np.pi * teeth / length_s * time), 0, 1) ** 6 * (time < length_s)
    return finished(noise(rng, time.size, bandpass(3400, 1.0), highpass(1500)) * ticks * (0.4 + time / length_s))


def gated(
    rng: np.random.Generator, *, pitch_hz: float = 185.0, wires: float = 1.0, gate_s: float = 0.22, hall: float = 0.9
) -> Stroke:
    """A drum in a great hall that is shut off at once: its stroke, then noise of even loudness until `gate_s`."""
    time = time_axis(gate_s + 0.06)
    base = pitch_hz * rng.uniform(0.985, 1.015)
    phase = 2 * np.pi * np.cumsum(base * (1 + 0.4 * np.exp(-time / 0.02))) / SAMPLE_RATE_HZ
    skin = np.sin(phase) * np.exp(-time / 0.12) + 0.5 * np.sin(1.7 * phase) * np.exp(-time / 0.05)
    rattle = noise(rng, time.size, highpass(900), peak(3000, 4, 0.8), lowpass(10500)) * np.exp(-time / 0.09)
    room = noise(rng, time.size, highpass(200), lowpass(6500)) * np.exp(-time / 0.35)
    gate = np.clip((gate_s - time) / 0.015, 0, 1)
    return finished(gate * np.tanh(1.3 * (0.8 * skin + 1.5 * wires * rattle + hall * room)))


def time_axis(seconds: float) -> NDArray[np.float64]:
    """The seconds of every sample."""
    return np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def noise(rng: np.random.Generator, samples: int, *sections: Section) -> NDArray[np.float64]:
    """Filtered noise of unit RMS."""
    sound = equalise(rng.standard_normal((1, samples), dtype=np.float32), *sections)[0].astype(np.float64)
    return np.asarray(sound / (np.sqrt(np.square(sound).mean()) + 1e-9) * 0.5)


def ringing(
    hz: NDArray[np.float64], life_s: NDArray[np.float64], *, levels: NDArray[np.complex128], samples: int
) -> NDArray[np.float64]:
    """The sum of sines that die away, each at its frequency, time constant and level (its angle is the phase).

    A dying sine is a power of one complex number, so a block of samples times a block's start is the next block: all
    of it is one product of matrices.
    """
    block = 256
    step = (2j * np.pi * hz - 1 / life_s) / SAMPLE_RATE_HZ
    within = np.exp(np.outer(step, np.arange(block)))
    starts = np.exp(np.outer(np.arange(-(-samples // block)) * block, step)) * levels
    return np.asarray((starts @ within).real.reshape(-1)[:samples])


def finished(sound: NDArray[np.float64]) -> Stroke:
    """Peak at 1 and the last tenth faded, so that a cut tail does not click."""
    fade = max(1, sound.size // 10)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(sound / (np.abs(sound).max() + 1e-9), np.float32)
