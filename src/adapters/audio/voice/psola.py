"""Time-domain pitch-synchronous overlap-add: a voice at another pitch and pace with its own timbre.

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
_GRAINS_AT_ONCE: Final = 256
_FARTHEST_MARK: Final = 0.04


class Source(msgspec.Struct, frozen=True):
    """A voice ready to be cut into grains.

    Attributes:
        samples: Twice oversampled, so that linear interpolation between samples is enough.
        rate: Of the voice, before oversampling.
        curve: Its pitch.
        marks: Heard seconds of the pitch marks, ascending.
        periods: Seconds of the period around each mark.
    """

    samples: Mono
    rate: int
    curve: PitchCurve
    marks: Floats
    periods: Floats


class Plan(msgspec.Struct, frozen=True):
    """What to sing, on an even grid of written time.

    Attributes:
        step: Seconds between grid points.
        heard: Where in the source each point comes from, seconds.
        pitch: Target MIDI numbers.
        gain: Linear.
        formant_ratio: Scales the formants; 1 keeps them.
    """

    step: float
    heard: Floats
    pitch: Floats
    gain: Floats
    formant_ratio: float = 1.0


class _Grains(msgspec.Struct, frozen=True):
    """Windowed pieces of the source.

    Attributes:
        written: Seconds of each centre in the result.
        heard: Seconds of each centre in the source.
        reach: Seconds from the centre to either end.
        gain: Linear.
    """

    written: Floats
    heard: Floats
    reach: Floats
    gain: Floats


def prepare(voice: Mono, rate: int, curve: PitchCurve) -> Source:
    """Return a voice with its pitch marks."""
    marks, periods = pitch_marks(voice, rate, curve)
    return Source(soxr.resample(voice, rate, 2 * rate), rate, curve, marks, periods)


def render(source: Source, plan: Plan, rng: np.random.Generator) -> Mono:
    """Return the plan sung by the source; the first sample is the first point of the grid."""
    grains = _grains(source, plan, rng)
    rate = source.rate
    size, pad = int(np.ceil(len(plan.heard) * plan.step * rate)), rate // 20
    out = np.zeros(size + 4 * pad)
    for first in range(0, len(grains.written), _GRAINS_AT_ONCE):
        part = slice(first, first + _GRAINS_AT_ONCE)
        reach = (grains.reach[part] * rate).astype(np.float32)[:, None]
        centre = grains.written[part] * rate + pad
        start = np.floor(centre).astype(np.int32) - int(reach.max()) - 1
        offset = np.arange(2 * int(reach.max()) + 4, dtype=np.float32) - (centre - start).astype(np.float32)[:, None]
        pieces = _cut(source.samples, grains.heard[part] * 2 * rate, offset * np.float32(2 * plan.formant_ratio))
        pieces *= 0.5 + 0.5 * np.cos(np.float32(np.pi) * np.minimum(np.abs(offset) / reach, 1))
        pieces *= grains.gain[part].astype(np.float32)[:, None]
        _add(out, pieces, start)
    return out[pad : pad + size].astype(np.float32)


def _add(out: Floats, pieces: Mono, starts: npt.NDArray[np.int32]) -> None:
    low = max(int(starts.min()), 0)
    places = np.maximum(starts[:, None] - low + np.arange(pieces.shape[1], dtype=np.int32), 0)
    summed = np.bincount(places.ravel(), pieces.ravel())[: len(out) - low]
    out[low : low + len(summed)] += summed


def _cut(samples: Mono, centres: Floats, offsets: Mono) -> Mono:
    """Return the samples at `centres + offsets`, linearly interpolated, shape of `offsets`."""
    base = np.floor(centres)
    local = offsets + (centres - base).astype(np.float32)[:, None]
    whole = np.floor(local)
    index = whole.astype(np.int32) + base.astype(np.int32)[:, None]
    before, after = samples.take(index, mode="clip"), samples.take(index + 1, mode="clip")
    return np.asarray(before + (after - before) * (local - whole))


def _grains(source: Source, plan: Plan, rng: np.random.Generator) -> _Grains:
    written, heard, target = _grain_times(source, plan)
    nearest = _nearest_marks(source.marks, heard, rng)
    voiced = source.curve.voiced_at(heard) & (nearest >= 0)
    heard[~voiced] += rng.uniform(-0.25, 0.25, int((~voiced).sum())) * _NOISE_PERIOD
    heard[voiced] = source.marks[nearest[voiced]]
    reach = np.full(len(heard), _NOISE_PERIOD)
    reach[voiced] = source.periods[nearest[voiced]] / plan.formant_ratio
    # Longer grains close the gaps that a lower pitch opens, a little: two full pulses would be heard twice.
    reach[voiced] *= np.clip(target[voiced] / reach[voiced], 1.0, 1.15)
    gain = np.interp(written / plan.step, np.arange(len(plan.gain)), plan.gain) * target / reach
    return _Grains(written, heard, reach, gain)


def _grain_times(source: Source, plan: Plan) -> tuple[Floats, Floats, Floats]:
    """Return written and heard times of the grains and the period that is wanted there."""
    time = np.arange(len(plan.heard)) * plan.step
    hertz = 440 * 2 ** ((plan.pitch - 69) / 12)
    rate = np.where(source.curve.voiced_at(plan.heard), hertz, 1 / _NOISE_PERIOD)
    cycles = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2) * plan.step])
    written = np.interp(np.arange(1, int(cycles[-1]) + 1), cycles, time)
    nearest = np.clip((written / plan.step).astype(int), 0, len(time) - 1)
    after = np.minimum(nearest + 1, len(time) - 1)
    jumps = np.abs(plan.heard[after] - plan.heard[nearest]) > 4 * plan.step  # never read between two stretches
    heard = np.where(jumps, plan.heard[nearest], np.interp(written, time, plan.heard))
    return written, heard, 1 / rate[nearest]


def _nearest_marks(marks: Floats, heard: Floats, rng: np.random.Generator) -> Indices:
    """Return a mark near each heard time, −1 where there is none.

    Where the voice is slowed down the choice wavers: one grain three times running would be heard as a buzz.
    """
    if not len(marks) or len(heard) < 2:
        return np.full(len(heard), -1)
    places = np.interp(heard, marks, np.arange(len(marks)))
    slowed = np.abs(np.gradient(places)) < 0.8
    wavering = places + np.where(slowed, rng.uniform(-0.9, 0.9, len(places)), 0)
    nearest = np.clip(np.rint(wavering), 0, len(marks) - 1).astype(int)
    strayed = np.abs(marks[nearest] - heard) > _FARTHEST_MARK  # into another voiced stretch
    nearest[strayed] = np.rint(places[strayed]).astype(int)
    return np.where(np.abs(marks[nearest] - heard) > _FARTHEST_MARK, -1, nearest)
