"""Electric guitars: a clean picked signal through amplifier stages and a loudspeaker cabinet.

The source is the SoundFont's clean guitar. Each amplifier is a row of `AMPS`: how hard the stages are driven and how
the tone is set. The stages are asymmetric tanh curves at four times the rate; the cabinet is a short minimum-phase
response shaped like a closed 4x12 box: nothing below 80 Hz, a thump at 120 Hz, presence near 3 kHz, a steep fall above.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import fft

from tutti.engines.song.dsp.dynamics import compress
from tutti.engines.song.dsp.filters import equalise, high_shelf, highpass, peak
from tutti.engines.song.dsp.levels import active_rms_db, to_amplitude
from tutti.engines.song.dsp.shape import oversampled
from tutti.engines.song.dsp.space import convolve
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

# General MIDI program of the clean guitar that feeds the amplifiers.
CLEAN_PROGRAM = 27


@dataclass(frozen=True, kw_only=True, slots=True)
class Amp:
    """The settings of one amplifier."""

    # Gain before each of the two stages, in dB over a signal at -18 dB RMS.
    drive_db: tuple[float, float]
    # What lies below is taken away before the stages, so that distortion stays tight.
    tight_hz: float
    # The tone controls after the stages, in dB at 150 Hz, 700 Hz and from 2.5 kHz.
    bass_db: float = 0.0
    middle_db: float = 0.0
    treble_db: float = 0.0


AMPS = {
    "clean": Amp(drive_db=(4, 0), tight_hz=80, middle_db=1, treble_db=-8),
    "crunch": Amp(drive_db=(20, 6), tight_hz=100, bass_db=1, middle_db=1, treble_db=1),
    "lead": Amp(drive_db=(30, 12), tight_hz=140, bass_db=1, middle_db=2.5),
    "high-gain": Amp(drive_db=(34, 16), tight_hz=130, bass_db=3, middle_db=-3, treble_db=2),
}

# General MIDI guitar programs and the amplifier they stand for; nylon and steel strings (24, 25) need none.
AMP_BY_PROGRAM = {26: "clean", 27: "clean", 28: "crunch", 29: "crunch", 30: "high-gain", 31: "lead"}


def amplify(strings: Audio, amp: Amp) -> Audio:
    """A mono string signal of shape (1, samples) as a microphone hears the amplifier, at the level it came in with.

    The signal's own array holds the result.
    """
    sound, before_db = strings, active_rms_db(strings)
    equalise(sound, highpass(amp.tight_hz), peak(900, 3, 0.7), out=sound)
    sound *= np.float32(to_amplitude(-18 - before_db))
    for drive_db, bias in zip(amp.drive_db, (0.18, -0.1), strict=True):
        _drive(sound, drive_db=drive_db, bias=bias)
        equalise(sound, highpass(40), out=sound)
    tone = peak(150, amp.bass_db, 0.7), peak(700, amp.middle_db, 0.7), high_shelf(2500, amp.treble_db)
    equalise(sound, *tone, out=sound)
    compress(convolve(sound, cabinet(), out=sound), threshold_db=-20, ratio=2, attack_s=0.002, out=sound)
    sound *= np.float32(to_amplitude(before_db - active_rms_db(sound)))
    return sound


def _drive(sound: Audio, *, drive_db: float, bias: float) -> None:
    """One valve, in place: soft clipping about a bias, which adds the even overtones."""
    drive, offset = np.float32(to_amplitude(drive_db)), np.float32(np.tanh(bias))
    oversampled(sound, lambda x: (np.tanh(x * drive + np.float32(bias)) - offset) * np.float32(0.5), out=sound)


@cache
def cabinet() -> Audio:
    """The cabinet's impulse response, shape (1, 1024): minimum phase by folding the cepstrum of the wanted spectrum."""
    size = 4096
    curve_hz = [0, 60, 90, 120, 250, 450, 900, 1800, 2800, 3800, 4800, 6000, 8000, 12000, 22050]
    curve_db = [-60, -24, -4, 2.5, 0, -2.5, -1, 1.5, 4.5, 4, -1, -14, -32, -50, -70]
    bins_hz = np.arange(size // 2 + 1) * SAMPLE_RATE_HZ / size
    log_spectrum = np.interp(bins_hz, curve_hz, curve_db) * (np.log(10) / 20)
    cepstrum = fft.irfft(log_spectrum, size)
    cepstrum[1 : size // 2] *= 2
    cepstrum[size // 2 + 1 :] = 0
    response = fft.irfft(np.exp(fft.rfft(cepstrum, size)), size)[:1024]
    response *= np.hanning(2048)[1024:]
    return np.asarray(response[None], np.float32)
