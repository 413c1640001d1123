"""TD-PSOLA: changes the pitch and the pace of a voice and keeps its timbre.

Time-domain pitch-synchronous overlap-add cuts the voice into windowed grains of two periods, centred on its pitch
marks, and adds them again at the wanted period. Source time is time in the recording, target time is time in the
result; both are in seconds. Without pitch, grains are 6 ms apart and read from jittered places.

Source: Moulines & Charpentier, "Pitch-synchronous waveform processing techniques", Speech Communication 9, 1990.
"""

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import soxr

from adapters.audio.arrays import Floats, Indices, Mono
from adapters.audio.voice.pitch_marks import PitchCurve, pitch_marks

_NOISE_PERIOD: Final = 0.006
_GRAINS_PER_CHUNK: Final = 256
_MAX_MARK_DISTANCE: Final = 0.04


class VoiceSource(msgspec.Struct, frozen=True):
    """A voice ready to be cut into grains.

    Attributes:
        samples: Twice oversampled, so that linear interpolation between samples is enough.
        energy: The sum of the squares of all samples before each, and of all.
        rate: Of the voice, before oversampling.
        curve: Its pitch.
        marks: Source times of the pitch marks in seconds, ascending.
        periods: Seconds of the period around each mark.
    """

    samples: Mono
    energy: Floats
    rate: int
    curve: PitchCurve
    marks: Floats
    periods: Floats


class Trajectory(msgspec.Struct, frozen=True):
    """What to sing, on an even grid of target time.

    Attributes:
        step: Seconds between grid points.
        source_time: Where in the source each point comes from, seconds.
        pitch: Target MIDI numbers.
        gain: Linear.
        formant_ratio: Scales the formants; 1 keeps them.
    """

    step: float
    source_time: Floats
    pitch: Floats
    gain: Floats
    formant_ratio: float = 1.0


class _Grains(msgspec.Struct, frozen=True):
    """Windowed pieces of the source.

    Attributes:
        target_time: Centre of each grain in the result, seconds.
        source_time: Centre of each grain in the source, seconds.
        half: Seconds from the centre to either end.
        gain: Linear.
    """

    target_time: Floats
    source_time: Floats
    half: Floats
    gain: Floats


def prepare(voice: Mono, rate: int, curve: PitchCurve) -> VoiceSource:
    """Return a voice with its pitch marks."""
    marks, periods = pitch_marks(voice, rate, curve)
    samples = soxr.resample(voice, rate, 2 * rate)
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    return VoiceSource(samples, energy, rate, curve, marks, periods)


def render(source: VoiceSource, trajectory: Trajectory, rng: np.random.Generator) -> Mono:
    """Return the trajectory sung by the source; the first sample is the first point of the grid."""
    grains = _grains(source, trajectory, rng)
    rate = source.rate
    size, pad = int(np.ceil(len(trajectory.source_time) * trajectory.step * rate)), rate // 20
    out = np.zeros(size + 4 * pad)
    for first in range(0, len(grains.target_time), _GRAINS_PER_CHUNK):
        part = slice(first, first + _GRAINS_PER_CHUNK)
        half = (grains.half[part] * rate).astype(np.float32)[:, None]
        centre = grains.target_time[part] * rate + pad
        start = np.floor(centre).astype(np.int32) - int(half.max()) - 1
        offset = np.arange(2 * int(half.max()) + 4, dtype=np.float32) - (centre - start).astype(np.float32)[:, None]
        pieces = _interpolate(
            source.samples, grains.source_time[part] * 2 * rate, offset * np.float32(2 * trajectory.formant_ratio)
        )
        pieces *= 0.5 + 0.5 * np.cos(np.float32(np.pi) * np.minimum(np.abs(offset) / half, 1))
        pieces *= grains.gain[part].astype(np.float32)[:, None]
        _overlap_add(out, pieces, start)
    return out[pad : pad + size].astype(np.float32)


def add_at(voice: Mono, phrase: Mono, at: int) -> None:
    """Add a phrase to a voice from a sample on, in place; what lies outside is left out."""
    first, last = max(at, 0), min(at + len(phrase), len(voice))
    if last > first:
        voice[first:last] += phrase[first - at : last - at]


def _overlap_add(out: Floats, pieces: Mono, starts: npt.NDArray[np.int32]) -> None:
    low = max(int(starts.min()), 0)
    places = np.maximum(starts[:, None] - low + np.arange(pieces.shape[1], dtype=np.int32), 0)
    summed = np.bincount(places.ravel(), pieces.ravel())[: len(out) - low]
    out[low : low + len(summed)] += summed


def _interpolate(samples: Mono, centres: Floats, offsets: Mono) -> Mono:
    """Return the samples at `centres + offsets`, linearly interpolated, shape of `offsets`."""
    base = np.floor(centres)
    local = offsets + (centres - base).astype(np.float32)[:, None]
    whole = np.floor(local)
    index = whole.astype(np.int32) + base.astype(np.int32)[:, None]
    before, after = samples.take(index, mode="clip"), samples.take(index + 1, mode="clip")
    return np.asarray(before + (after - before) * (local - whole))


def _grains(source: VoiceSource, trajectory: Trajectory, rng: np.random.Generator) -> _Grains:
    target_time, source_time, period = _grain_times(source, trajectory)
    nearest = _nearest_marks(source.marks, source_time, rng)
    voiced = source.curve.voiced_at(source_time) & (nearest >= 0)
    source_time[~voiced] += rng.uniform(-0.25, 0.25, int((~voiced).sum())) * _NOISE_PERIOD
    source_time[voiced] = source.marks[nearest[voiced]]
    half = np.full(len(source_time), _NOISE_PERIOD)
    half[voiced] = source.periods[nearest[voiced]] / trajectory.formant_ratio
    # Slightly longer grains fill the gaps that a lower pitch opens; much longer ones would contain a second pulse.
    half[voiced] *= np.clip(period[voiced] / half[voiced], 1.0, 1.15)
    gain = np.interp(target_time / trajectory.step, np.arange(len(trajectory.gain)), trajectory.gain) * period / half
    return _Grains(target_time, source_time, half, gain)


def _grain_times(source: VoiceSource, trajectory: Trajectory) -> tuple[Floats, Floats, Floats]:
    """Return target and source times of the grains, and the wanted period at each, in seconds."""
    time = np.arange(len(trajectory.source_time)) * trajectory.step
    hertz = 440 * 2 ** ((trajectory.pitch - 69) / 12)
    rate = np.where(source.curve.voiced_at(trajectory.source_time), hertz, 1 / _NOISE_PERIOD)
    cycles = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2) * trajectory.step])
    target_time = np.interp(np.arange(1, int(cycles[-1]) + 1), cycles, time)
    nearest = np.clip((target_time / trajectory.step).astype(int), 0, len(time) - 1)
    after = np.minimum(nearest + 1, len(time) - 1)
    source_time = np.interp(target_time, time, trajectory.source_time)
    jumps = np.abs(trajectory.source_time[after] - trajectory.source_time[nearest]) > 4 * trajectory.step
    source_time = np.where(jumps, trajectory.source_time[nearest], source_time)  # never between two segments
    return target_time, source_time, 1 / rate[nearest]


def _nearest_marks(marks: Floats, source_time: Floats, rng: np.random.Generator) -> Indices:
    """Return the index of a mark near each source time, −1 where there is none.

    Where the voice is slowed down, the choice is jittered: the same grain three times in a row sounds like a buzz.
    """
    if not len(marks) or len(source_time) < 2:
        return np.full(len(source_time), -1)
    places = np.interp(source_time, marks, np.arange(len(marks)))
    slowed = np.abs(np.gradient(places)) < 0.8
    jittered = places + np.where(slowed, rng.uniform(-0.9, 0.9, len(places)), 0)
    nearest = np.clip(np.rint(jittered), 0, len(marks) - 1).astype(int)
    strayed = np.abs(marks[nearest] - source_time) > _MAX_MARK_DISTANCE  # into another voiced segment
    nearest[strayed] = np.rint(places[strayed]).astype(int)
    return np.where(np.abs(marks[nearest] - source_time) > _MAX_MARK_DISTANCE, -1, nearest)
