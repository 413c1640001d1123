"""Drum kits of machines: a tight pop kit, and the noise channel of a games console."""

from typing import Final

import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.instruments.acoustic_kits import in_room
from adapters.audio.instruments.drums import Cymbal, Drum, Membrane, NoiseBurst, layered
from adapters.audio.instruments.kits import Kit
from adapters.audio.instruments.patch import Patch

_FRAME: Final = SAMPLE_RATE // 120
"""Samples of a volume step of the console: two in a picture of television."""

_LEVELS: Final = 15


def in_steps(drum: Drum, seconds: float) -> Drum:
    """Return a drum whose volume falls in fifteen steps to nothing, linearly, as the console's envelope does."""

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        sound = drum(velocity, rng)[:1].repeat(2, axis=0)
        frames = -(-sound.shape[1] // _FRAME)
        falling = np.maximum(0.0, 1 - np.arange(frames) * _FRAME / (seconds * SAMPLE_RATE))
        stairs = np.repeat(np.ceil(falling * _LEVELS) / _LEVELS, _FRAME)[: sound.shape[1]]
        return np.asarray(sound * np.convolve(stairs, np.ones(24) / 24)[: sound.shape[1]], np.float32)

    return strike


def _tone(hertz: float, start: float, seconds: float, slap: float = 0.2) -> Drum:
    return in_steps(
        Membrane(
            hertz=hertz,
            start_hertz=start,
            bend_seconds=0.03,
            seconds=3 * seconds,
            slap=slap,
            slap_low=2000,
            slap_high=9000,
            slap_seconds=0.008,
            drive=1.0,
        ),
        seconds,
    )


def _noise(low: float, high: float, seconds: float, level: float) -> Drum:
    return in_steps(NoiseBurst(low=low, high=high, seconds=4 * seconds, level=level, width=0.0), seconds)


_CLAP: Final = in_room(
    NoiseBurst(low=1000, high=11000, seconds=0.2, strokes=(0.0, 0.010, 0.019, 0.028), level=0.36, width=0.9),
    seconds=0.3,
    level=0.05,
)

_POP: Final = Kit(
    {
        36: Membrane(
            hertz=50,
            start_hertz=260,
            bend_seconds=0.012,
            seconds=0.36,
            slap=0.2,
            slap_low=2500,
            slap_high=10000,
            slap_seconds=0.008,
            drive=1.2,
        ),
        38: layered(
            Membrane(hertz=210, start_hertz=330, bend_seconds=0.01, seconds=0.15, slap=0.3, overtone=0.4, drive=0.5),
            NoiseBurst(low=1800, high=15000, seconds=0.17, level=0.30),
        ),
        39: _CLAP,
        41: Membrane(hertz=82, start_hertz=160, bend_seconds=0.05, seconds=0.5, slap=0.15, overtone=0.2, pan=-0.35),
        45: Membrane(hertz=112, start_hertz=210, bend_seconds=0.05, seconds=0.45, slap=0.15, overtone=0.2),
        48: Membrane(hertz=150, start_hertz=270, bend_seconds=0.05, seconds=0.4, slap=0.15, overtone=0.2, pan=0.35),
        42: Cymbal(low=6000, seconds=0.06, hiss=1.3, level=0.30, pan=0.2),
        46: Cymbal(low=5400, seconds=0.35, hiss=1.1, level=0.22, pan=0.2),
        49: Cymbal(low=520, seconds=2.2, partials=70, hiss=0.9, level=0.28),
        51: Cymbal(low=1200, seconds=1.2, level=0.18, pan=-0.3),
        54: NoiseBurst(low=6000, high=18000, seconds=0.05, swell=0.012, level=0.2, pan=-0.3),
    },
)

_CHIP: Final = Kit(
    {
        36: _tone(52, 230, 0.16),
        38: layered(_noise(700, 12000, 0.16, 0.5), _tone(180, 320, 0.08)),
        41: _tone(90, 240, 0.22),
        45: _tone(130, 330, 0.2),
        48: _tone(180, 420, 0.18),
        42: _noise(5500, 18000, 0.045, 0.45),
        46: _noise(4500, 18000, 0.16, 0.35),
        49: _noise(1500, 18000, 0.7, 0.4),
        51: _noise(3500, 14000, 0.1, 0.4),
        54: _noise(7000, 18000, 0.03, 0.4),
    },
)

POP_KIT = Patch(tone=_POP, attack=0.0004, release=2.4, variations=3, level_db=-8.0, high_pass=30)
CHIP_KIT = Patch(tone=_CHIP, attack=0.0004, release=0.9, variations=2, level_db=-10.3, high_pass=30)
