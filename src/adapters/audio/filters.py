"""Recursive filters over whole sounds, a chunk at a time: a song in float64 would take 127 MB, and leave the caches."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import signal

from adapters.audio.arrays import Mono, Stereo
from adapters.audio.side_by_side import side_by_side

_CHUNK: Final = 1 << 16


def filter_in_place(sound: Stereo, sections: npt.NDArray[Any]) -> Stereo:
    """Filter each channel by second-order sections, computed in their precision; return the sound."""

    def filter_channel(channel: Mono) -> None:
        state = np.zeros((len(sections), 2), sections.dtype)
        for first in range(0, len(channel), _CHUNK):
            part = channel[first : first + _CHUNK]
            part[:], state = signal.sosfilt(sections, part, zi=state)

    side_by_side(filter_channel, list(sound), sound.shape[1])
    return sound
