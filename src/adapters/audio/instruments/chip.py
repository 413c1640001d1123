"""The sound chip of a games console of the eighties: two pulse waves and a triangle of sixteen steps.

After the Ricoh 2A03: pulses with a duty cycle of 12.5, 25 or 50 %, a triangle that runs through 32 values of 4 bits.
The chip itself aliases; here every wave is built of its harmonics, so it does not.
"""

import functools

import numpy as np

from adapters.audio.arrays import Floats
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.unison import Envelope, HarmonicSpectrum, UnisonTone, Vibrato, butterworth_gain

_STEPS = np.abs(np.arange(32) - 15.5) - 8.0
"""The triangle's cycle."""


def _pulse(duty: float) -> HarmonicSpectrum:
    """Return the spectrum of a pulse wave; the console's output filter softens it, less so for loud notes."""

    def spectrum(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
        order = frequencies / frequencies[0]
        amplitude = np.abs(np.sin(np.pi * np.round(order) * duty)) / order
        amplitude = amplitude * butterworth_gain(frequencies, 5000 + 9000 * velocity, 1)
        return amplitude, amplitude

    return spectrum


@functools.lru_cache(maxsize=1)
def _triangle_harmonics() -> Floats:
    held = np.repeat(_STEPS, 64)
    return np.asarray(np.abs(np.fft.rfft(held))[1:1024], np.float64)


def _triangle(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    harmonics = _triangle_harmonics()[: len(frequencies)]
    amplitude = np.zeros(len(frequencies))
    amplitude[: len(harmonics)] = harmonics
    amplitude[1:] *= 0.7 + 0.8 * velocity
    return amplitude, amplitude


PULSE_LEAD = Patch(
    tone=UnisonTone(
        spectrum=_pulse(0.25),
        vibrato=Vibrato(11, 6.0, 0.18),
        loudness=Envelope(1.0, 0.01, 0.6, 1.0),
        schroeder_phases=False,
    ),
    attack=0.002,
    release=0.03,
    level_db=-18.8,
)

SQUARE_ARP = Patch(
    tone=UnisonTone(spectrum=_pulse(0.5), loudness=Envelope(1.0, 0.004, 0.3, 0.3), schroeder_phases=False),
    attack=0.002,
    release=0.015,
    level_db=-13.3,
)

TRIANGLE_BASS = Patch(
    tone=UnisonTone(spectrum=_triangle, scatter=0.0, schroeder_phases=False),
    attack=0.003,
    release=0.02,
    level_db=-19.5,
)
