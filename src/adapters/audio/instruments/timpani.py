"""Timpani: the preferred modes of a kettledrum, nearly harmonic, over the thud of the mallet.

Modes (1,1), (2,1), (3,1), (4,1), (5,1) at 1 : 1.5 : 1.98 : 2.44 : 2.90 of the nominal pitch: Rossing, "The physics of
kettledrums", Scientific American 247, 1982.
"""

import numpy as np

from adapters.audio.arrays import Stereo
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.signals import sum_of_decaying_sines
from adapters.audio.instruments.struck import StrikeNoise
from domain.music.theory.pitch import to_hz

_RATIOS = np.array([1.0, 1.504, 1.983, 2.44, 2.898, 0.63, 3.4, 4.1])
_SECONDS = np.array([3.2, 2.6, 1.8, 1.2, 0.9, 0.25, 0.4, 0.3])
_SOFT = np.array([1.0, 0.45, 0.18, 0.07, 0.03, 0.25, 0.02, 0.01])
_HARD = np.array([0.0, 0.3, 0.25, 0.2, 0.15, 0.35, 0.15, 0.12])
_MALLET = StrikeNoise(70, 1100, 0.06, 0.22)
_HIGH_PASS = 35.0


def _kettledrum(pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
    amplitude = _SOFT + _HARD * velocity**1.5
    sides = 1 + 0.2 * rng.uniform(-1, 1, (2, len(_RATIOS)))
    sides[:, 0] = 1.0
    amplitude = amplitude / np.sqrt(np.sum(amplitude**2))
    frequencies, phases = to_hz(pitch) * _RATIOS, np.zeros(len(_RATIOS))
    sound = sum_of_decaying_sines(frequencies, _SECONDS, amplitude * sides, phases, length, high_pass=_HIGH_PASS)
    return _MALLET.add_to(sound, velocity, rng, _HIGH_PASS)


TIMPANI = Patch(tone=_kettledrum, attack=0.003, release=0.9, variations=2, level_db=-12.2)
