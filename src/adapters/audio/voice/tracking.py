"""The pitch of a voice over time, as the singer needs it.

Frames of 16 ms are enough here: the phase of the fundamental places the marks between them.
"""

import numpy as np
import soxr

from adapters.audio.analysis import pitch, spectrum
from adapters.audio.arrays import SAMPLE_RATE, Mono
from adapters.audio.voice.pitch_marks import PitchCurve, pitch_curve


def track_pitch(voice: Mono) -> PitchCurve:
    """Return the pitch of a voice at `SAMPLE_RATE`."""
    return curve_of(pitch.frames_of(soxr.resample(voice, SAMPLE_RATE, spectrum.RATE)))


def curve_of(frames: pitch.Frames) -> PitchCurve:
    """Return what was heard of a voice as a curve."""
    times = np.arange(len(frames.hertz), dtype=np.float64) * (2 * pitch.STEP)
    return pitch_curve(times, frames.hertz, frames.confidence >= pitch.VOICED)
