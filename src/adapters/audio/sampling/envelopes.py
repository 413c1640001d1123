"""The two envelopes of a SoundFont's voice up to its sustain: how loud it is, and how far its filter opens.

The end of a note is the patch's, as that of every instrument of ours.
"""

from typing import Final, NamedTuple

import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.presets import Voice

_FALL_DB: Final = 100.0
"""What the time of a decay counts from: a fall from full level to silence."""

_SUSTAIN_OF_FILTER: Final = 1000.0
"""Promille; the volume's is in centibels."""

BLOCK: Final = 256
"""Samples between two values of the filter's envelope."""


class _Times(NamedTuple):
    """Seconds from the onset at which delay, attack, hold and decay end; the decay's for its whole fall."""

    delay: float
    attack: float
    hold: float
    decay: float


_VOLUME: Final = (Gen.DELAY, Gen.ATTACK, Gen.HOLD, Gen.DECAY, Gen.KEY_TO_HOLD, Gen.KEY_TO_DECAY)
_FILTER: Final = (
    Gen.FILTER_DELAY, Gen.FILTER_ATTACK, Gen.FILTER_HOLD, Gen.FILTER_DECAY, Gen.KEY_TO_FILTER_HOLD,
    Gen.KEY_TO_FILTER_DECAY,
)  # fmt: skip


def loudness(voice: Voice, length: int) -> Mono:
    """Return the gain of a voice at each sample: a straight attack, a decay straight in decibels."""
    times, sustain_db = _times(voice, _VOLUME), min(max(voice.of(Gen.SUSTAIN) / 10, 0.0), _FALL_DB)
    seconds = np.arange(length, dtype=np.float32) / np.float32(SAMPLE_RATE)
    fall = np.clip((seconds - np.float32(times.hold)) * np.float32(_FALL_DB / times.decay), 0, sustain_db)
    gain = np.exp(fall * np.float32(-np.log(10) / 20))
    return np.asarray(gain * _attack(seconds, times), np.float32)


def openness(voice: Voice, blocks: int) -> Floats:
    """Return how far the filter's envelope is open in the middle of each block of samples, 0..1."""
    times = _times(voice, _FILTER)
    sustain = 1 - min(max(voice.of(Gen.FILTER_SUSTAIN) / _SUSTAIN_OF_FILTER, 0.0), 1.0)
    seconds = (np.arange(blocks) + 0.5) * (BLOCK / SAMPLE_RATE)
    fallen = np.clip(1 - (seconds - times.hold) / times.decay, sustain, 1)
    return np.asarray(fallen * _attack(seconds, times))


def _attack(seconds: Mono | Floats, times: _Times) -> Mono | Floats:
    return np.clip((seconds - times.delay) / (times.attack - times.delay), 0, 1)


def _times(voice: Voice, numbers: tuple[Gen, ...]) -> _Times:
    delay, attack, hold, decay, key_to_hold, key_to_decay = (voice.of(number) for number in numbers)
    below = 60 - voice.key
    delayed = _seconds(delay)
    attacked = delayed + _seconds(attack)
    return _Times(
        delayed, attacked, attacked + _seconds(hold + key_to_hold * below), _seconds(decay + key_to_decay * below)
    )


def _seconds(timecents: float) -> float:
    return float(2 ** (min(max(timecents, -12_000.0), 8000.0) / 1200))
