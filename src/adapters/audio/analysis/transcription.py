"""Transcribes a recording: decode it, extract features, segment them into notes.

The result follows the convention of note transcription in MIR (Molina et al., "Evaluation framework for automatic
singing transcription", ISMIR 2014): onset and duration in seconds, pitch as a fractional MIDI number, unquantised.
"""

from pathlib import Path
from typing import Final

import numpy as np

from adapters.audio.analysis import pitch
from adapters.audio.analysis.segmentation import segment_notes
from adapters.audio.codecs.decoding import decode_recording
from application.ports.transcriber import Transcription
from domain.errors import BadAudio

SILENCE_DBFS: Final = -60.0
"""A recording whose 95th percentile of level is below this holds nothing but the noise of the microphone."""

MIN_SUNG_SECONDS: Final = 0.3
"""A recording with fewer seconds of notes than this holds no melody."""


def warm_up() -> None:
    """Load the pitch model and run it once in this process."""
    pitch.warm_up()


def transcribe(recording: Path) -> Transcription:
    """Return the notes of a recording, computed in this process.

    Raises:
        BadAudio: `hum_silent`, `hum_without_pitch`, and whatever `decode_recording` raises.
    """
    samples, damage = decode_recording(recording, pitch.RATE)
    features = pitch.extract_features(samples - np.mean(samples))
    if np.percentile(features.level, 95) < SILENCE_DBFS:
        raise BadAudio("the recording is silent", code="hum_silent")
    notes = segment_notes(features)
    if sum(note.duration for note in notes) < MIN_SUNG_SECONDS:
        raise BadAudio("nothing in the recording has a pitch", code="hum_without_pitch")
    return Transcription(duration=len(samples) / pitch.RATE, notes=notes, damage=damage)
