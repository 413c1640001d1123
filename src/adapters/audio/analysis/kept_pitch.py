"""The pitch of recordings, kept for those who sing them after they were analyzed: to track it takes as long as to sing.

It is the same whether it was kept or not.
"""

from pathlib import Path
from typing import Final

import numpy as np

from adapters.audio import kept_arrays
from adapters.audio.analysis.pitch import Frames, frames_of
from adapters.audio.analysis.spectrum import RATE
from adapters.audio.arrays import Mono
from adapters.audio.codecs.decoding import decode

MOST_BYTES: Final = 1 << 20
"""1 kB a second: a thousand seconds."""

_KIND: Final = "pitch"


def pitch_of(recording: Path, folder: Path | None) -> Frames:
    """Return what SwiftF0 hears in a recording, or heard before.

    Args:
        recording: In any format.
        folder: Where `keep_pitch` keeps it; None if it does not.

    Raises:
        BadAudio: As `adapters.audio.codecs.decoding.decode_recording` raises it.
    """
    kept = kept_arrays.find(recording, folder, _KIND)
    return Frames(*kept) if kept is not None else frames_of(centred(decode(recording, RATE)))


def keep_pitch(recording: Path, folder: Path, frames: Frames) -> None:
    """Keep what was heard in a recording."""
    kept_arrays.keep(recording, folder, _KIND, np.stack(frames), MOST_BYTES)


def centred(samples: Mono) -> Mono:
    """Return samples without the offset that cheap microphones add."""
    return np.asarray(samples - np.mean(samples))
