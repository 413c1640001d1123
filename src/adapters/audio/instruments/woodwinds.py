"""Flute and clarinet: a steady tone, the noise of air in it, and the burst with which it begins.

Spectra after Fletcher & Rossing, "The Physics of Musical Instruments", ch. 15 and 16: a flute has few harmonics and
gains them with the breath, a clarinet in its low register lacks the even ones.
"""

import numpy as np

from adapters.audio.arrays import Floats
from adapters.audio.instruments.articulated import Articulated
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.struck import StrikeNoise
from adapters.audio.instruments.unison import (
    BreathNoise,
    Envelope,
    UnisonTone,
    Vibrato,
    butterworth_gain,
    resonance_response,
)


def _flute(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    order = frequencies / frequencies[0]
    tube = resonance_response(frequencies, (900, 0.8, 0.6))
    dark = tube * order**-2.6
    bright = tube * order ** -(2.1 - 0.8 * velocity) * butterworth_gain(frequencies, 2500 + 5000 * velocity, 2)
    return dark, bright


def _clarinet(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    order = np.arange(1, len(frequencies) + 1)
    even = np.clip((frequencies - 900) / 2200, 0.06, 1.0)
    reed = np.where(order % 2 == 0, even, 1.0) * order**-1.1
    dark = reed * butterworth_gain(frequencies, 900 + 500 * velocity, 2)
    return dark, reed * butterworth_gain(frequencies, 1300 + 3800 * velocity, 2)


FLUTE = Patch(
    tone=Articulated(
        tone=UnisonTone(
            spectrum=_flute,
            drift=2,
            scoop=14,
            vibrato=Vibrato(11, 5.1, 0.3),
            breath=BreathNoise(1200, 11000, -31),
            brightness=Envelope(0.2, 0.12, 0.8, 1.0),
            loudness=Envelope(0.8, 0.1, 0.95, 1.0),
        ),
        onset=StrikeNoise(1500, 9000, 0.06, 0.16),
    ),
    attack=0.03,
    release=0.12,
    variations=2,
    level_db=-20.5,
)

CLARINET = Patch(
    tone=Articulated(
        tone=UnisonTone(
            spectrum=_clarinet,
            drift=1.5,
            scoop=6,
            vibrato=Vibrato(3, 4.8, 0.5),
            breath=BreathNoise(1500, 8000, -40),
            brightness=Envelope(0.1, 0.12, 0.8, 1.0),
            loudness=Envelope(0.75, 0.1, 0.95, 1.0),
        ),
        onset=StrikeNoise(800, 5000, 0.03, 0.06),
    ),
    attack=0.03,
    release=0.1,
    variations=2,
    level_db=-20.4,
)
