"""Electric guitars: strings at a pickup, into an overdriven amplifier."""

import numpy as np

from adapters.audio.arrays import Floats
from adapters.audio.instruments.amplifiers import Amplifier
from adapters.audio.instruments.articulated import Articulated
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.plucked import ELECTRIC_STRING
from adapters.audio.instruments.struck import StrikeNoise
from adapters.audio.instruments.unison import Envelope, UnisonTone, Vibrato, butterworth_gain


def _sustained(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    """Return a string that the loudspeaker keeps in motion."""
    order = frequencies / frequencies[0]
    pickup = (np.abs(np.sin(np.pi * order * 0.13)) + 0.05) / order
    dark = pickup * butterworth_gain(frequencies, 900 + 700 * velocity, 1)
    return dark, pickup * butterworth_gain(frequencies, 1500 + 3500 * velocity, 2)


OVERDRIVEN_GUITAR = Patch(
    tone=ELECTRIC_STRING,
    attack=0.003,
    release=0.06,
    variations=2,
    level_db=-16.4,
    amplifier=Amplifier(gain=2.5),
)

LEAD_GUITAR = Patch(
    tone=Articulated(
        tone=UnisonTone(
            spectrum=_sustained,
            drift=1.0,
            scoop=30,
            vibrato=Vibrato(20, 5.4, 0.28),
            brightness=Envelope(1.0, 0.01, 0.35, 1.2),
            loudness=Envelope(1.0, 0.01, 0.75, 1.5),
        ),
        onset=StrikeNoise(900, 5000, 0.02, 0.25),
    ),
    attack=0.005,
    release=0.12,
    variations=2,
    level_db=-17.9,
    amplifier=Amplifier(gain=1.6, tight_hz=180, cabinet_hz=5600, bite=0.6),
)
