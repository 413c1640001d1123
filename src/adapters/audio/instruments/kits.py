"""The drum kits by General MIDI percussion key; a missing key is replaced by its closest relative."""

from collections.abc import Mapping

import msgspec
import numpy as np

from adapters.audio.arrays import Stereo
from adapters.audio.instruments.drums import Cymbal, Drum, Membrane, NoiseBurst, gated_reverb, layered, sampled_lofi
from adapters.audio.instruments.patch import Patch

_SUBSTITUTES = {35: 36, 40: 38, 37: 38, 39: 38, 44: 42, 43: 41, 47: 45, 50: 48, 57: 49, 55: 49, 52: 49, 59: 51, 53: 51}
"""Replacements for bass drums, snares, rims, claps, pedal hats, toms, crashes, splashes, Chinese cymbals and rides."""


class Kit(msgspec.Struct, frozen=True):
    """Drums by key; `fallback` is the key that replaces unknown ones."""

    drums: Mapping[int, Drum]
    fallback: int = 42

    def __call__(self, pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
        """Play a stroke; see `patch.Tone`."""
        key = pitch if pitch in self.drums else _SUBSTITUTES.get(pitch, self.fallback)
        return self.drums[key if key in self.drums else self.fallback](velocity, rng)[:, :length]


def _taiko(hertz: float, pan: float) -> Drum:
    body = Membrane(
        hertz=hertz,
        start_hertz=2.2 * hertz,
        bend_seconds=0.035,
        seconds=1.3,
        slap=0.16,
        slap_low=250,
        slap_high=2600,
        slap_seconds=0.07,
        drive=0.6,
        overtone=0.35,
        pan=pan,
    )
    return layered(body, NoiseBurst(low=90, high=420, seconds=0.35, level=0.10, pan=pan))


def _snare(hertz: float, wires: float) -> Drum:
    skin = Membrane(hertz=hertz, start_hertz=1.7 * hertz, bend_seconds=0.015, seconds=0.22, slap=0.2, overtone=0.5)
    return layered(skin, NoiseBurst(low=1200, high=9500, seconds=wires, level=0.28))


_CLAP = NoiseBurst(low=900, high=6500, seconds=0.28, strokes=(0.0, 0.011, 0.021, 0.031), level=0.34, width=0.8)

_CINEMATIC = Kit(
    {
        36: layered(
            Membrane(
                hertz=41,
                start_hertz=120,
                bend_seconds=0.05,
                seconds=2.2,
                slap=0.08,
                slap_low=120,
                slap_high=900,
                drive=1.2,
            ),
            NoiseBurst(low=40, high=160, seconds=0.9, level=0.12),
        ),
        38: layered(_snare(170, 0.5), NoiseBurst(low=180, high=1200, seconds=0.4, level=0.12)),
        39: layered(_taiko(120, -0.4), _taiko(118, 0.4)),
        41: _taiko(62, -0.35),
        45: _taiko(82, 0.1),
        48: _taiko(108, 0.45),
        42: NoiseBurst(low=4500, high=13000, seconds=0.14, level=0.26, pan=0.3),
        46: Cymbal(low=2600, seconds=0.9, level=0.2, pan=0.3),
        49: Cymbal(low=320, seconds=4.2, partials=70, swell=0.0, level=0.34),
        51: Cymbal(low=900, seconds=2.0, level=0.18, pan=-0.3),
        54: NoiseBurst(low=5000, high=14000, seconds=0.14, swell=0.02, level=0.28, pan=-0.4),
        55: Cymbal(low=380, seconds=2.6, partials=70, swell=1.4, level=0.32),
    },
    fallback=45,
)

_LOFI = Kit(
    {
        36: sampled_lofi(
            Membrane(
                hertz=52, start_hertz=120, bend_seconds=0.022, seconds=0.32, slap=0.05, slap_low=300, slap_high=1800
            ),
            3500,
        ),
        38: sampled_lofi(layered(_snare(195, 0.19), NoiseBurst(low=400, high=2500, seconds=0.09, level=0.2)), 5500),
        37: sampled_lofi(
            layered(
                Membrane(
                    hertz=420,
                    start_hertz=700,
                    bend_seconds=0.004,
                    seconds=0.07,
                    slap=0.25,
                    slap_low=1500,
                    level=0.6,
                    pan=0.15,
                ),
                Membrane(
                    hertz=1700, start_hertz=1750, bend_seconds=0.004, seconds=0.05, slap=0.05, level=0.2, pan=0.15
                ),
            ),
            6000,
        ),
        39: sampled_lofi(_CLAP, 5000),
        41: sampled_lofi(
            Membrane(hertz=88, start_hertz=140, bend_seconds=0.03, seconds=0.5, overtone=0.2, pan=-0.3), 4000
        ),
        45: sampled_lofi(Membrane(hertz=118, start_hertz=180, bend_seconds=0.03, seconds=0.45, overtone=0.2), 4000),
        48: sampled_lofi(
            Membrane(hertz=155, start_hertz=230, bend_seconds=0.03, seconds=0.4, overtone=0.2, pan=0.3), 4000
        ),
        42: sampled_lofi(Cymbal(low=3200, seconds=0.1, hiss=1.0, level=0.28, pan=0.2), 7500),
        46: sampled_lofi(Cymbal(low=3000, seconds=0.42, hiss=0.9, level=0.18, pan=0.2), 7500),
        49: sampled_lofi(Cymbal(low=600, seconds=1.8, partials=60, level=0.22), 7000),
        51: sampled_lofi(Cymbal(low=1100, seconds=1.1, level=0.16, pan=-0.25), 7000),
        54: sampled_lofi(NoiseBurst(low=3500, high=9000, seconds=0.08, swell=0.018, level=0.14, pan=-0.35), 7500),
    }
)

_GATED = Kit(
    {
        36: Membrane(
            hertz=50,
            start_hertz=210,
            bend_seconds=0.018,
            seconds=0.42,
            slap=0.22,
            slap_low=1500,
            slap_high=6500,
            drive=1.5,
        ),
        38: gated_reverb(_snare(185, 0.26), 0.27, 0.75),
        37: Membrane(hertz=450, start_hertz=800, bend_seconds=0.004, seconds=0.07, slap=0.3, slap_low=1500),
        39: _CLAP,
        41: gated_reverb(
            Membrane(hertz=78, start_hertz=190, bend_seconds=0.05, seconds=0.55, drive=0.5, overtone=0.2, pan=-0.45),
            0.32,
            0.4,
        ),
        45: gated_reverb(
            Membrane(hertz=108, start_hertz=250, bend_seconds=0.05, seconds=0.5, drive=0.5, overtone=0.2), 0.3, 0.4
        ),
        48: gated_reverb(
            Membrane(hertz=146, start_hertz=330, bend_seconds=0.05, seconds=0.45, drive=0.5, overtone=0.2, pan=0.45),
            0.3,
            0.4,
        ),
        42: Cymbal(low=5200, seconds=0.08, hiss=1.2, level=0.28, pan=0.15),
        46: Cymbal(low=4800, seconds=0.5, hiss=1.0, level=0.2, pan=0.15),
        49: Cymbal(low=480, seconds=2.6, partials=70, hiss=0.8, level=0.28),
        51: Cymbal(low=1000, seconds=1.3, level=0.18, pan=-0.3),
        54: NoiseBurst(low=5500, high=14000, seconds=0.07, swell=0.015, level=0.16, pan=-0.3),
    }
)

CINEMATIC_KIT = Patch(tone=_CINEMATIC, attack=0.0008, release=4.2, variations=3, level_db=-13.0, high_pass=28)
LOFI_KIT = Patch(tone=_LOFI, attack=0.0008, release=1.8, variations=3, level_db=-5.2, high_pass=35)
GATED_KIT = Patch(tone=_GATED, attack=0.0005, release=2.6, variations=3, level_db=-9.1, high_pass=32)
