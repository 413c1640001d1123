"""The pitch of recordings, kept for those who sing them after they were analyzed: to track it takes as long as to sing.

It is found by the recording's content, and the same whether it was kept or not.
"""

import hashlib
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np

from adapters.audio.analysis.pitch import Frames, frames_of
from adapters.audio.analysis.spectrum import RATE
from adapters.audio.arrays import Mono
from adapters.audio.codecs.decoding import decode

MOST_KEPT: Final = 64
"""Recordings; 1 kB a second each."""


def pitch_of(recording: Path, folder: Path | None) -> Frames:
    """Return what SwiftF0 hears in a recording, or heard before.

    Args:
        recording: In any format.
        folder: Where `keep_pitch` keeps it; None if it does not.

    Raises:
        BadAudio: As `adapters.audio.codecs.decoding.decode_recording` raises it.
    """
    if folder is not None:
        try:
            return Frames(*np.load(_file(recording, folder)))
        except (OSError, ValueError, EOFError):
            pass  # never heard, or forgotten
    return frames_of(centred(decode(recording, RATE)))


def keep_pitch(recording: Path, folder: Path, frames: Frames) -> None:
    """Keep what was heard in a recording, and forget what was heard long ago; where the disk refuses, forget it too."""
    try:
        draft = folder / f"{uuid4().hex}.draft"
        with draft.open("wb") as file:
            np.save(file, np.stack(frames))
        draft.replace(_file(recording, folder))
        kept = sorted(folder.glob("*.npy"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-MOST_KEPT]:
            path.unlink(missing_ok=True)
    except OSError:
        return


def centred(samples: Mono) -> Mono:
    """Return samples without the offset that cheap microphones add."""
    return np.asarray(samples - np.mean(samples))


def _file(recording: Path, folder: Path) -> Path:
    with recording.open("rb") as file:
        return folder / f"{hashlib.file_digest(file, 'sha256').hexdigest()}.npy"
