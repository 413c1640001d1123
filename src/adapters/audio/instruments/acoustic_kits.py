"""Drum kits in a room: a rock kit struck hard, and one played with brushes, with a rim and a shaker for Latin grooves.

Harder strokes are brighter (`drums`); the room is a burst of noise that follows each stroke, louder for harder ones.
"""

from typing import Final

import numpy as np

from adapters.audio.arrays import Stereo
from adapters.audio.instruments.drums import Cymbal, Drum, Membrane, NoiseBurst, layered
from adapters.audio.instruments.kits import Kit
from adapters.audio.instruments.patch import Patch


def in_room(drum: Drum, *, seconds: float, level: float, low: float = 150, high: float = 7000) -> Drum:
    """Return a drum with the answer of a room: diffuse, 12 ms late, `level` for a full stroke."""
    room = NoiseBurst(low=low, high=high, seconds=seconds, swell=0.012, level=level, width=1.0)

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        return layered(drum, lambda hard, random: room(hard, random) * np.float32(hard))(velocity, rng)

    return strike


def _tom(hertz: float, pan: float, *, slap: float = 0.25, drive: float = 0.4) -> Drum:
    return Membrane(
        hertz=hertz,
        start_hertz=1.5 * hertz,
        bend_seconds=0.05,
        seconds=0.75,
        slap=slap,
        slap_low=1200,
        slap_high=7000,
        slap_seconds=0.02,
        drive=drive,
        overtone=0.35,
        pan=pan,
    )


_ROCK_SNARE: Final = layered(
    Membrane(
        hertz=192,
        start_hertz=300,
        bend_seconds=0.012,
        seconds=0.24,
        slap=0.4,
        slap_low=1800,
        slap_high=9000,
        slap_seconds=0.012,
        drive=0.8,
        overtone=0.6,
    ),
    NoiseBurst(low=1500, high=15000, seconds=0.24, level=0.30),
)

_ROCK: Final = Kit(
    {
        36: in_room(
            Membrane(
                hertz=56,
                start_hertz=180,
                bend_seconds=0.016,
                seconds=0.38,
                slap=0.3,
                slap_low=2200,
                slap_high=8000,
                slap_seconds=0.012,
                drive=1.0,
                overtone=0.15,
            ),
            seconds=0.25,
            level=0.03,
            high=2500,
        ),
        38: in_room(_ROCK_SNARE, seconds=0.55, level=0.11),
        41: in_room(_tom(78, -0.4), seconds=0.5, level=0.06),
        45: in_room(_tom(108, 0.05), seconds=0.5, level=0.06),
        48: in_room(_tom(146, 0.4), seconds=0.5, level=0.06),
        42: Cymbal(low=3400, seconds=0.13, hiss=1.0, level=0.30, pan=0.3),
        46: Cymbal(low=3000, seconds=0.75, hiss=0.9, level=0.26, pan=0.3),
        49: Cymbal(low=380, seconds=3.0, partials=80, hiss=0.8, level=0.34, pan=-0.25),
        51: layered(
            Cymbal(low=900, seconds=1.8, partials=60, hiss=0.25, level=0.2, pan=-0.35),
            Membrane(hertz=5200, start_hertz=5300, bend_seconds=0.01, seconds=0.06, slap=0.1, level=0.06, pan=-0.35),
        ),
        54: NoiseBurst(low=5500, high=16000, seconds=0.12, swell=0.01, level=0.2, pan=-0.3),
    },
)

_RIM: Final = layered(
    Membrane(
        hertz=480,
        start_hertz=620,
        bend_seconds=0.004,
        seconds=0.06,
        slap=0.35,
        slap_low=1800,
        slap_high=9000,
        slap_seconds=0.008,
        level=0.6,
        pan=0.12,
    ),
    Membrane(hertz=1720, start_hertz=1760, bend_seconds=0.004, seconds=0.05, slap=0.0, level=0.3, pan=0.12),
)

_BRUSH: Final = Kit(
    {
        36: Membrane(
            hertz=58,
            start_hertz=105,
            bend_seconds=0.02,
            seconds=0.34,
            slap=0.06,
            slap_low=200,
            slap_high=1500,
            overtone=0.12,
        ),
        37: in_room(_RIM, seconds=0.2, level=0.03),
        38: in_room(
            layered(
                Membrane(hertz=205, start_hertz=260, bend_seconds=0.01, seconds=0.12, slap=0.05, level=0.35),
                NoiseBurst(low=1400, high=13000, seconds=0.16, swell=0.004, level=0.22),
            ),
            seconds=0.3,
            level=0.03,
        ),
        40: NoiseBurst(low=1800, high=12000, seconds=0.3, swell=0.14, level=0.13, pan=-0.15, width=0.9),
        41: _tom(76, -0.3, slap=0.08, drive=0.0),
        45: _tom(104, 0.0, slap=0.08, drive=0.0),
        48: _tom(140, 0.3, slap=0.08, drive=0.0),
        42: Cymbal(low=4200, seconds=0.09, hiss=0.9, level=0.24, pan=0.25),
        46: Cymbal(low=3600, seconds=0.5, hiss=0.7, level=0.16, pan=0.25),
        49: Cymbal(low=520, seconds=2.4, partials=70, hiss=0.6, level=0.2, pan=-0.25),
        51: Cymbal(low=1100, seconds=1.6, partials=60, hiss=0.3, level=0.17, pan=-0.3),
        54: NoiseBurst(low=4200, high=17000, seconds=0.07, swell=0.022, level=0.2, pan=-0.4, width=0.4),
    },
)

ROCK_KIT = Patch(tone=_ROCK, attack=0.0005, release=3.0, variations=3, level_db=-8.9, high_pass=32)
BRUSH_KIT = Patch(tone=_BRUSH, attack=0.0008, release=2.4, variations=3, level_db=-3.8, high_pass=35)
