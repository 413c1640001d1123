"""Finds where a voice is voiced, its pitch, and a pitch mark in each period, as TD-PSOLA needs them.

Marks lie at a constant phase of the fundamental. A heterodyne at the tracked pitch finds that phase to a fraction of a
sample; marks from peak picking jitter, which is heard as roughness.
"""

from typing import Final

import msgspec
import numpy as np
import soxr
from scipy import ndimage, signal

from adapters.audio.arrays import Flags, Floats, Mono

_INNER_RATE: Final = 11025
_HETERODYNE_SECONDS: Final = 0.025
_LONGEST_DROPOUT: Final = 4
_SHORTEST_VOICED: Final = 3


class PitchCurve(msgspec.Struct, frozen=True):
    """Pitch over source time.

    Attributes:
        times: Seconds, evenly spaced.
        pitch: MIDI numbers, interpolated through unvoiced frames.
        voiced: Whether the frame has a pitch.
    """

    times: Floats
    pitch: Floats
    voiced: Flags

    def pitch_at(self, source_time: Floats) -> Floats:
        """Return MIDI numbers at source times."""
        return np.interp(source_time, self.times, self.pitch)

    def voiced_at(self, source_time: Floats) -> Flags:
        """Return whether the voice has a pitch at source times."""
        nearest = np.clip(
            np.rint((source_time - self.times[0]) / (self.times[1] - self.times[0])), 0, len(self.times) - 1
        )
        return np.asarray(self.voiced[nearest.astype(int)])


def pitch_curve(times: Floats, hertz: Floats, voiced: Flags) -> PitchCurve:
    """Return a tracker's output without short dropouts, blips and octave errors."""
    voiced = _without_short_runs(voiced, _LONGEST_DROPOUT, value=False)
    voiced = _without_short_runs(voiced, _SHORTEST_VOICED, value=True)
    pitch = 69 + 12 * np.log2(np.maximum(hertz, 20) / 440)
    if not voiced.any():
        return PitchCurve(times, np.full(len(times), 60.0), voiced)
    usual = ndimage.median_filter(np.interp(times, times[voiced], pitch[voiced]), 21, mode="nearest")
    sane = voiced & (np.abs(pitch - usual) < 7)
    pitch = np.interp(times, times[sane], pitch[sane]) if sane.any() else usual
    return PitchCurve(times, ndimage.median_filter(pitch, 3, mode="nearest"), voiced)


def pitch_marks(voice: Mono, rate: int, curve: PitchCurve) -> tuple[Floats, Floats]:
    """Return the marks of a voice at `rate` in seconds of source time, ascending, and the period around each."""
    inner = soxr.resample(voice, rate, _INNER_RATE).astype(np.float64)
    time = np.arange(len(inner)) / _INNER_RATE
    cycles = _fundamental_phase(inner, time, curve)
    offset = _loudest_phase(inner, cycles, curve.voiced_at(time))
    marks = [_marks_at_whole_cycles(time[run], cycles[run] - offset) for run in _runs(curve.voiced_at(time))]
    periods = [np.abs(np.gradient(run)) for run in marks]
    if not marks:
        return np.zeros(0), np.zeros(0)
    return np.concatenate(marks), np.concatenate(periods)


def _fundamental_phase(voice: Floats, time: Floats, curve: PitchCurve) -> Floats:
    """Return the phase of the fundamental in cycles."""
    hertz = 440 * 2 ** ((curve.pitch_at(time) - 69) / 12)
    carrier = np.cumsum(hertz) / _INNER_RATE
    window = signal.windows.hann(int(_HETERODYNE_SECONDS * _INNER_RATE) | 1)
    beat = signal.oaconvolve(voice * np.exp(-2j * np.pi * carrier), window, "same")
    return np.asarray(carrier + np.unwrap(np.angle(beat)) / (2 * np.pi))


def _loudest_phase(voice: Floats, cycles: Floats, voiced: Flags) -> float:
    """Return the phase, 0..1, at which the voice has most of its energy: grains are centred on it."""
    bins = 32
    phase = (cycles[voiced] % 1 * bins).astype(int) % bins
    energy = np.bincount(phase, np.maximum(voice[voiced], 0) ** 2, bins)
    return float(np.argmax(ndimage.gaussian_filter1d(energy, 2, mode="wrap")) + 0.5) / bins


def _marks_at_whole_cycles(time: Floats, cycles: Floats) -> Floats:
    rising = np.maximum.accumulate(cycles)
    whole = np.arange(np.ceil(rising[0]), np.floor(rising[-1]) + 1)
    marks = np.interp(whole, rising + np.arange(len(rising)) * 1e-9, time)
    return marks if len(marks) > 2 else np.zeros(0)


def _runs(flags: Flags) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [slice(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _without_short_runs(flags: Flags, longest: int, *, value: bool) -> Flags:
    flags = flags.copy()
    for run in _runs(flags == value):
        if run.stop - run.start <= longest and run.start > 0 and run.stop < len(flags):
            flags[run] = not value
    return flags
