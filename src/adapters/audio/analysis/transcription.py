"""Transcribes a recording: decode it, extract features, ask the note model, choose the likeliest notes.

The result follows the convention of note transcription in MIR (Molina et al., "Evaluation framework for automatic
singing transcription", ISMIR 2014): onset and duration in seconds, pitch as a fractional MIDI number, unquantised.
"""

from pathlib import Path
from typing import Final

import numpy as np

from adapters.audio.analysis.features import HumFeatures, extract_features
from adapters.audio.analysis.kept_pitch import centred, keep_pitch
from adapters.audio.analysis.note_model import note_posteriors
from adapters.audio.analysis.notes import to_notes
from adapters.audio.analysis.pitch import VOICED, frames_of
from adapters.audio.analysis.segmentation import best_spans
from adapters.audio.analysis.spectrum import RATE
from adapters.audio.codecs.decoding import Recording, at_rate, read_recording
from application.ports.transcriber import Transcription
from domain.errors import BadAudio
from domain.music.hum import HummedNote

SILENCE_DBFS: Final = -60.0
"""A recording whose 95th percentile of level is below this holds nothing but the noise of the microphone."""

MIN_SUNG_SECONDS: Final = 0.3
"""A recording with fewer seconds of notes than this holds no melody."""


def warm_up() -> None:
    """Load the pitch model and the note model and run them once; about 0.3 s, once per process."""
    listen(extract_features(np.sin(np.arange(RATE // 2) * 0.17).astype(np.float32)))


def transcribe(recording: Path, kept: Path | None = None) -> Transcription:
    """Return the notes of a recording, computed in this process; its pitch is kept in a folder if there is one.

    Raises:
        BadAudio: `hum_silent`, `hum_without_pitch`, and whatever `read_recording` raises.
    """
    return transcribe_recording(read_recording(recording), recording, kept)


def transcribe_recording(decoded: Recording, recording: Path, kept: Path | None = None) -> Transcription:
    """Return the notes of a decoded recording. Raises `BadAudio`: `hum_silent` or `hum_without_pitch`."""
    samples = at_rate(decoded, RATE)
    hum = centred(samples)
    frames = frames_of(hum)
    features = extract_features(hum, frames)
    if np.percentile(features.level, 95) < SILENCE_DBFS:
        raise BadAudio("the recording is silent", code="hum_silent")
    notes = listen(features)
    if sum(note.duration for note in notes) < MIN_SUNG_SECONDS:
        raise BadAudio("nothing in the recording has a pitch", code="hum_without_pitch")
    if kept is not None:
        keep_pitch(recording, kept, frames)
    return Transcription(duration=len(samples) / RATE, notes=notes, damage=decoded.damage)


def listen(features: HumFeatures) -> tuple[HummedNote, ...]:
    """Return the notes in order, not overlapping; none where no frame is voiced."""
    if not np.any(features.confidence >= VOICED):
        return ()
    posteriors = note_posteriors(features)
    return to_notes(best_spans(features, posteriors), features, posteriors)
