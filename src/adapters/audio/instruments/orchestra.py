"""Strings, horns and choir.

The resonances of bodies and vocal tracts shape the harmonic amplitudes: violin and cello resonances after Fletcher &
Rossing, "The Physics of Musical Instruments", ch. 10; vowels after Peterson & Barney 1952.
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


def _violin(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    body = resonance_response(frequencies, (280, 0.2, 0.7), (460, 0.25, 1.0), (1000, 0.4, 0.6), (2600, 0.45, 1.1))
    bowed = body * frequencies[0] / frequencies
    dark = bowed * butterworth_gain(frequencies, 1000 + 800 * velocity, 1)
    return dark, bowed * butterworth_gain(frequencies, 1400 + 5600 * velocity, 2)


def _cello(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    body = resonance_response(frequencies, (110, 0.3, 0.5), (220, 0.3, 0.9), (600, 0.4, 0.5), (1500, 0.5, 0.6))
    bowed = body * frequencies[0] / frequencies
    return bowed * butterworth_gain(frequencies, 600, 1), bowed * butterworth_gain(
        frequencies, 700 + 3000 * velocity, 2
    )


def _solo(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    dark, bright = _violin(frequencies, velocity)
    dark[0], bright[0] = dark[0] * 1.3, bright[0] * 1.3  # the fundamental carries the melody
    return dark, bright


def _horn(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    bell = resonance_response(frequencies, (420, 0.6, 0.9), (800, 0.5, 0.3))
    dark = bell * butterworth_gain(frequencies, 380, 2)
    return dark, bell * butterworth_gain(frequencies, 400 + 2200 * velocity**1.5, 2)


def _mouth(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    source = (frequencies[0] / frequencies) ** 1.3
    oo = (
        source
        * resonance_response(frequencies, (330, 0.25, 4.0), (750, 0.2, 1.5))
        * butterworth_gain(frequencies, 900, 2)
    )
    ah = source * resonance_response(
        frequencies, (750, 0.25, 4.0), (1150, 0.15, 3.0), (2800, 0.12, 2.5), (3600, 0.12, 1.5)
    )
    return oo, oo + (ah * butterworth_gain(frequencies, 4500, 2) - oo) * (0.35 + 0.65 * velocity)


def _players(count: int, cents: float) -> tuple[float, ...]:
    """Return evenly spread detunings of mean zero, ordered so that tuning does not follow panning."""
    spread = np.linspace(-cents, cents, count)
    return tuple(float(value) for value in np.concatenate([spread[::2], spread[1::2]]))


_SWELL = Envelope(0.55, 1.1, 1.0, 1.0)

LOW_STRINGS = Patch(
    tone=Articulated(
        tone=UnisonTone(
            spectrum=_cello,
            detune=_players(5, 7),
            width=0.6,
            drift=2.5,
            vibrato=Vibrato(9, 5.0, 0.4),
            breath=BreathNoise(900, 3500, -36),
            brightness=Envelope(0.1, 0.9, 1.0, 1.0),
            loudness=_SWELL,
        ),
        onset=StrikeNoise(500, 5000, 0.12, 0.16),
    ),
    attack=0.16,
    release=0.45,
    level_db=-18.3,
)

HIGH_STRINGS = Patch(
    tone=Articulated(
        tone=UnisonTone(
            spectrum=_violin,
            detune=_players(6, 8),
            width=0.85,
            drift=3,
            vibrato=Vibrato(13, 5.6, 0.3),
            breath=BreathNoise(2500, 8000, -36),
            brightness=Envelope(0.15, 0.7, 1.0, 1.0),
            loudness=_SWELL,
        ),
        onset=StrikeNoise(1500, 12000, 0.1, 0.16),
    ),
    attack=0.08,
    release=0.4,
    level_db=-20.5,
)

SOLO_STRINGS = Patch(
    tone=Articulated(
        tone=UnisonTone(
            spectrum=_solo,
            drift=1.5,
            scoop=22,
            vibrato=Vibrato(18, 5.7, 0.22),
            breath=BreathNoise(2500, 9000, -38),
            brightness=Envelope(0.3, 0.3, 1.0, 1.0),
            loudness=Envelope(0.75, 0.35, 1.0, 1.0),
        ),
        onset=StrikeNoise(1500, 14000, 0.07, 0.12),
    ),
    attack=0.05,
    release=0.2,
    variations=2,
    level_db=-21.0,
)

HORNS = Patch(
    tone=UnisonTone(
        spectrum=_horn,
        detune=_players(4, 5),
        width=0.5,
        drift=1.5,
        vibrato=Vibrato(3, 4.6, 0.5),
        breath=BreathNoise(400, 2500, -42),
        brightness=Envelope(0.0, 0.14, 0.65, 1.2),
        loudness=Envelope(0.7, 0.12, 0.9, 1.0),
    ),
    attack=0.06,
    release=0.3,
    variations=2,
    level_db=-20.1,
)

CHOIR = Patch(
    tone=UnisonTone(
        spectrum=_mouth,
        detune=_players(8, 11),
        width=0.9,
        drift=4,
        scoop=12,
        vibrato=Vibrato(15, 5.2, 0.4),
        breath=BreathNoise(1500, 7000, -34),
        brightness=Envelope(0.0, 1.2, 1.0, 1.0),
        loudness=_SWELL,
    ),
    attack=0.22,
    release=0.55,
    level_db=-19.3,
)
