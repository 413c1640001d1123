"""From a dry voice to a recording: room, background, telephone."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from adapters.audio.arrays import Flags, Floats
from training.voices.controls import RATE
from training.voices.singers import Split


def record(
    dry: Floats, voiced: Flags, split: Split, snr_db: float | None, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the recording of a dry voice."""
    decibels = float(rng.uniform(-2, 40)) if snr_db is None else snr_db
    wet = signal.lfilter(*signal.butter(2, [rng.uniform(60, 200), rng.uniform(3400, 7600)], "band", fs=RATE), dry)
    power = float(np.mean(wet[voiced] ** 2))
    noise = signal.lfilter([1], [1, -float(rng.uniform(0.3, 0.97))], rng.normal(0, 1, len(wet)))
    noisy = wet + noise / noise.std() * np.sqrt(power / 10 ** (decibels / 10))
    return np.asarray(noisy * 10 ** (rng.uniform(-12, -1) / 20) / np.max(np.abs(noisy)), dtype=np.float32)
