"""From a dry voice to a recording: room, background, telephone, codec."""

import numpy as np
from numpy.typing import NDArray

from adapters.audio.arrays import Flags, Floats
from training.voices.backgrounds import background
from training.voices.codecs import transmitted
from training.voices.phones import heard_by, random_phone
from training.voices.rooms import reverberant
from training.voices.singers import Split


def record(
    dry: Floats, voiced: Flags, split: Split, snr_db: float | None, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the recording of a dry voice.

    Args:
        dry: The voice at `RATE`, shape (n,).
        voiced: Where a note sounds, shape (n,): the signal-to-noise ratio is that of these samples.
        split: Which rooms, telephones and codecs may be drawn.
        snr_db: In dB before the telephone; drawn from −2…40, seldom below 10, if not given.
        rng: Source of every choice.
    """
    drawn = float(40 - 42 * rng.beta(1.0, 1.7))
    decibels = drawn if snr_db is None else snr_db
    wet = reverberant(dry, split, rng)
    power = float(np.mean(wet[voiced] ** 2))
    noisy = wet + np.sqrt(power) * background(len(wet), decibels, split, rng)
    sound = heard_by(random_phone(rng, split), noisy)
    peak = 10 ** (float(rng.uniform(-24, -0.5)) / 20)
    sound = transmitted(sound * peak / np.max(np.abs(sound)), split, rng)
    return np.clip(sound, -1, 1).astype(np.float32)
