"""How sustained tones begin: with the scratch of a bow, the burst of a tongue, the click of a pick."""

import msgspec
import numpy as np

from adapters.audio.arrays import Stereo
from adapters.audio.instruments.struck import StrikeNoise
from adapters.audio.instruments.unison import UnisonTone


class Articulated(msgspec.Struct, frozen=True, kw_only=True):
    """A sustained tone and the noise of its beginning."""

    tone: UnisonTone
    onset: StrikeNoise

    def __call__(self, pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
        """Play a tone; see `patch.Tone`."""
        return self.onset.add_to(self.tone(pitch, velocity, length, rng), velocity, rng)
