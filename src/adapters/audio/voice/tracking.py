"""The pitch of a voice over time, as the singer needs it."""

from typing import Final

import numpy as np
import soxr

from adapters.audio.analysis import pitch, spectrum
from adapters.audio.arrays import SAMPLE_RATE, Mono
from adapters.audio.voice.pitch_marks import PitchCurve, pitch_curve

_LOWEST_HZ: Final = 60.0
_HIGHEST_HZ: Final = 1500.0


def track_pitch(recording: Mono) -> PitchCurve:
    """Return the pitch of a recording at `SAMPLE_RATE`.

    Frames of 16 ms are enough here: the phase of the fundamental places the marks between them.
    """
    recording_16k = soxr.resample(recording, SAMPLE_RATE, spectrum.RATE)
    recording_16k *= 0.5 / max(float(np.abs(recording_16k).max()), 1e-6)  # the tracker takes quiet sound for silence
    track = pitch.detector().detect(recording_16k, spectrum.RATE, _LOWEST_HZ, _HIGHEST_HZ)
    return pitch_curve(track.timestamps, track.pitch_hz, track.confidence >= 0.5)
