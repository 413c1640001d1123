"""A note of a SoundFont's preset as sound: its samples moved to the note's pitch, filtered and placed.

Samples are moved by resampling, which keeps what lies above half the new rate from folding back. Loops are written out
before that, so that their ends meet as the set's maker has heard it.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import soxr

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.instruments.signals import db_to_gain
from adapters.audio.sampling import envelopes
from adapters.audio.sampling.filters import filtered
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.presets import Voice
from adapters.audio.sampling.recordings import Recordings

_COARSE: Final = 32_768
_LOOPS: Final = frozenset({1, 3})
_ATTENUATION: Final = 0.4
"""Of the centibels that zones state: what sound cards made of them, and every synthesiser since."""

_OF_SOURCE: Final = (
    Gen.START, Gen.START_COARSE, Gen.LOOP_START, Gen.LOOP_START_COARSE, Gen.LOOP_END, Gen.LOOP_END_COARSE,
    Gen.SAMPLE_MODE, Gen.ROOT_KEY, Gen.SCALE_TUNE, Gen.COARSE_TUNE, Gen.FINE_TUNE,
)  # fmt: skip
"""What a moved sample depends on: layers that agree in it, as those of pianos do, share one."""

_MARGIN: Final = 64
"""Frames beyond the last one, for the resampler."""

_LOWEST_RATE, _HIGHEST_RATE = 400.0, 4_000_000.0


Shape = Callable[[Mono], Mono]
"""What a voice goes through before it is placed."""


def render_voices(
    voices: list[Voice], recordings: Recordings, length: int, detune: float = 0.0, shape: Shape | None = None
) -> Stereo:
    """Return the sound of a note from its onset, `length` samples.

    Args:
        voices: What sounds it.
        recordings: Where their samples are.
        length: Samples.
        detune: Cents by which all of them are moved.
        shape: What each goes through.

    Raises:
        BadSoundFont: A sample cannot be decoded.
    """
    sound, moved = np.zeros((2, length), np.float32), dict[object, Mono]()
    for voice in voices:
        source = (voice.sample, *(voice.of(generator) for generator in _OF_SOURCE))
        if source not in moved:
            moved[source] = _moved(voice, recordings, length, detune)
        mono = filtered(moved[source], voice)
        mono = shape(mono) if shape else mono
        mono = mono * (envelopes.loudness(voice, len(mono)) * np.float32(_gain(voice)))
        for side, gain in zip(sound, _sides(voice), strict=True):
            side[: len(mono)] += mono * np.float32(gain)
    return sound


def _moved(voice: Voice, recordings: Recordings, length: int, detune: float) -> Mono:
    """Return the sample at the pitch of the note, at our rate."""
    rate = _rate(voice, detune)
    frames = int(length * rate / SAMPLE_RATE) + _MARGIN
    source = _unrolled(voice, recordings, frames)
    return np.asarray(soxr.resample(source, rate, SAMPLE_RATE)[:length], np.float32)


def _rate(voice: Voice, detune: float) -> float:
    """Return the rate that the sample would have to be played at, in Hz."""
    sample, stated = voice.sample, voice.of(Gen.ROOT_KEY)
    root = stated if stated >= 0 else (sample.root if sample.root <= 127 else 60)
    cents = (voice.key - root) * voice.of(Gen.SCALE_TUNE) + 100 * voice.of(Gen.COARSE_TUNE)
    cents += voice.of(Gen.FINE_TUNE) + sample.cents + detune
    return float(min(max(sample.rate * 2 ** (cents / 1200), _LOWEST_RATE), _HIGHEST_RATE))


def _unrolled(voice: Voice, recordings: Recordings, frames: int) -> Mono:
    """Return so many frames of the sample, its loop written out; fewer if it ends."""
    base = 0 if voice.sample.compressed else voice.sample.start
    first = _offset(voice, Gen.START, Gen.START_COARSE)
    loop = voice.sample.loop_start - base + _offset(voice, Gen.LOOP_START, Gen.LOOP_START_COARSE)
    end = voice.sample.loop_end - base + _offset(voice, Gen.LOOP_END, Gen.LOOP_END_COARSE)
    loops = int(voice.of(Gen.SAMPLE_MODE)) in _LOOPS and 0 <= first <= loop < end - 1
    recorded = recordings.read(voice.sample, min(end, first + frames) if loops else first + frames)
    if not loops or end > len(recorded) or first + frames <= end:
        return recorded[max(first, 0) : max(first, 0) + frames]
    repeated = np.resize(recorded[loop:end], first + frames - loop)
    return np.concatenate([recorded[first:loop], repeated])


def _offset(voice: Voice, fine: Gen, coarse: Gen) -> int:
    return int(voice.of(fine) + _COARSE * voice.of(coarse))


def _gain(voice: Voice) -> float:
    return db_to_gain(-_ATTENUATION * max(voice.of(Gen.ATTENUATION), 0.0) / 10)


def _sides(voice: Voice) -> tuple[float, float]:
    """Return the gains to the left and the right; equal power, and a sample in the middle as loud as on a side."""
    right = min(max(voice.of(Gen.PAN) / 1000 + 0.5, 0.0), 1.0)
    return math.sqrt(1 - right), math.sqrt(right)
