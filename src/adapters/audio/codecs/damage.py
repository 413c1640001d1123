"""What is missing of a recording that can be heard nevertheless: a part that is empty, or an end that broke off."""

from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from adapters.audio.arrays import Mono

EMPTY_SHARE: Final = 0.2
"""From this share on it is worth a word. Padding of containers and rests of digital silence are less."""

FILE_BLOCK: Final = 128
SOUND_BLOCK: Final = 1024
PIECE: Final = 1 << 20


def describe(file: BinaryIO, mono: Mono, *, pauses: int, rate: int, broke_off: bool) -> str:
    """Return one sentence for people about what is missing, or nothing.

    Args:
        file: The whole file; zero bytes in a row are what a failed copy leaves.
        mono: What was heard of it.
        pauses: Samples of it that a recorder left out on purpose.
        rate: Samples per second.
        broke_off: Whether the last packet was incomplete.
    """
    silent = _empty(mono, SOUND_BLOCK) * SOUND_BLOCK - pauses
    lost = max(_empty_share(file), silent / len(mono))
    if lost >= EMPTY_SHARE:
        return f"about {lost:.0%} of the recording is empty; only the rest was heard"
    return f"the file breaks off; the {len(mono) / rate:.1f} seconds before that were heard" if broke_off else ""


def _empty_share(file: BinaryIO) -> float:
    file.seek(0)
    empty = size = 0
    while piece := file.read(PIECE):
        empty += _empty(np.frombuffer(piece, np.uint8), FILE_BLOCK) * FILE_BLOCK
        size += len(piece)
    return empty / max(size, 1)


def _empty(values: npt.NDArray[np.uint8] | Mono, block: int) -> int:
    """Return how many blocks hold nothing but zeros."""
    blocks = values[: len(values) // block * block].reshape(-1, block)
    return len(blocks) - int(np.count_nonzero(blocks.any(axis=1)))
