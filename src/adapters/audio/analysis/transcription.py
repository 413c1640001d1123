"""Ears: the notes of a recording."""

from pathlib import Path
from typing import Final

import numpy as np

from adapters.audio.analysis import pitch
from adapters.audio.analysis.segmentation import notes_of
from adapters.audio.codecs.decoding import decode
from application.ports.transcriber import Hearing
from domain.errors import BadAudio

SILENT_DBFS: Final = -60.0
"""A hum whose loudest twentieth stays below this is no louder than the microphone itself."""

LEAST_SUNG: Final = 0.3
"""Seconds of notes below which a recording holds no tune."""


def warm_up() -> None:
    """Load the pitch model and run it once in this process."""
    pitch.warm_up()


def hear(recording: Path) -> Hearing:
    """Hear the notes of a recording in this process.

    Raises:
        BadAudio: `hum_silent`, `hum_without_pitch`, and everything that `decode` raises.
    """
    samples = decode(recording, pitch.RATE)
    contour = pitch.track(samples - np.mean(samples))
    if np.percentile(contour.level, 95) < SILENT_DBFS:
        raise BadAudio("the recording is silent", code="hum_silent")
    notes = notes_of(contour)
    if sum(note.duration for note in notes) < LEAST_SUNG:
        raise BadAudio("nothing in the recording has a pitch", code="hum_without_pitch")
    return Hearing(duration=len(samples) / pitch.RATE, notes=notes)
