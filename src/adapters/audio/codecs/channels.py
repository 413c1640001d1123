"""Which channels and rates are supported, and how channels become one."""

from typing import Final

import numpy as np
import numpy.typing as npt

from adapters.audio.arrays import Mono
from domain.errors import BadAudio

RATES: Final = range(4_000, 192_001)
MAX_CHANNELS: Final = 16


def require_supported(channels: int, rate: int) -> None:
    """Raise `BadAudio` with `audio_unsupported` for channels or rates that no recorder of a hum uses."""
    if not 1 <= channels <= MAX_CHANNELS:
        raise BadAudio(f"the audio has {channels} channels; at most {MAX_CHANNELS} work", code="audio_unsupported")
    if rate not in RATES:
        bounds = f"from {RATES.start / 1000:g} to {(RATES.stop - 1) / 1000:g} kHz"
        raise BadAudio(f"the audio has a sample rate of {rate} Hz; rates {bounds} work", code="audio_unsupported")


def sample_format(channels: int) -> str:
    """Return FFmpeg's format of float samples: PyAV reads past the end of planar frames from eight channels on."""
    return "fltp" if channels < 8 else "flt"


def planar(samples: npt.NDArray[np.float32], channels: int) -> npt.NDArray[np.float32]:
    """Return the samples of a frame in `sample_format` as an array of shape (channels, n)."""
    return samples if len(samples) == channels else np.ascontiguousarray(samples.reshape(-1, channels).T)


def downmix(channels: npt.NDArray[np.float32]) -> Mono:
    """Return the mean of the channels, shape (n,), from shape (channels, n).

    Where they cancel each other (one with inverted polarity), a loud one is returned instead.
    """
    if len(channels) == 1:
        return np.asarray(channels[0])
    mean: Mono = channels.mean(axis=0, dtype=np.float32)
    power = np.einsum("cn,cn->c", channels, channels)
    first_loud = int(np.argmax(power >= power.max() / 2))  # the same channel in every block
    cancels = float(mean @ mean) < 0.02 * float(power.max())
    return np.asarray(channels[first_loud]) if cancels else mean
