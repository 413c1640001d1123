"""Soft and bright synthesisers: a warm pad, a glassy lead, a plucked bright lead, and an octave drone."""

import numpy as np

from adapters.audio.arrays import Floats
from adapters.audio.instruments.articulated import Articulated
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.struck import StrikeNoise
from adapters.audio.instruments.synths import filtered_saw
from adapters.audio.instruments.unison import BreathNoise, Envelope, UnisonTone, Vibrato, butterworth_gain


def _warm(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    return filtered_saw(frequencies, 250 + 400 * velocity, 700 + 1800 * velocity)


def _glass(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    order = frequencies / frequencies[0]
    dark = np.where(order < 1.5, 1.0, 0.12 / order)
    ring = 0.3 * np.exp(-0.5 * ((order - 4) / 0.6) ** 2) + 0.12 * np.exp(-0.5 * ((order - 9) / 1.0) ** 2)
    return dark, np.where(order < 1.5, 1.0, 0.2 / order) + velocity * ring * butterworth_gain(frequencies, 9000, 2)


def _bright(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    saw = (frequencies[0] / frequencies) ** 0.9
    dark = saw * butterworth_gain(frequencies, 1100 + 1500 * velocity, 2)
    opened = saw * butterworth_gain(frequencies, 3000 + 10000 * velocity, 1)
    dark[0], opened[0] = 1.5 * dark[0], 1.5 * opened[0]  # the fundamental carries the melody
    return dark, opened


WARM_PAD = Patch(
    tone=UnisonTone(
        spectrum=_warm,
        detune=(-9.0, -3.0, 3.0, 9.0),
        width=0.9,
        drift=3.0,
        breath=BreathNoise(3000, 14000, -52),
        brightness=Envelope(0.1, 1.4, 0.8, 4.0),
        loudness=Envelope(0.8, 0.8, 1.0, 1.0),
    ),
    attack=0.35,
    release=1.2,
    level_db=-19.7,
)

GLASS = Patch(
    tone=Articulated(
        tone=UnisonTone(
            spectrum=_glass,
            detune=(-3.0, 3.0),
            scatter=0.2,
            width=0.7,
            drift=1.5,
            vibrato=Vibrato(5, 4.2, 0.5),
            brightness=Envelope(1.0, 0.01, 0.2, 2.5),
            loudness=Envelope(0.85, 0.15, 0.7, 3.0),
        ),
        onset=StrikeNoise(3000, 12000, 0.05, 0.04),
    ),
    attack=0.03,
    release=0.5,
    variations=2,
    level_db=-20.1,
)

BRIGHT_LEAD = Patch(
    tone=UnisonTone(
        spectrum=_bright,
        detune=(0.0, -6.0, 6.0),
        scatter=0.2,
        width=0.5,
        vibrato=Vibrato(8, 5.6, 0.3),
        brightness=Envelope(1.0, 0.004, 0.3, 0.5),
        loudness=Envelope(1.0, 0.006, 0.6, 0.7),
        schroeder_phases=False,
    ),
    attack=0.004,
    release=0.18,
    variations=2,
    level_db=-17.3,
)
