"""The low-pass of a SoundFont's voice: two poles, resonant, its cutoff moved by an envelope."""

import math
from typing import Final

import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono
from adapters.audio.sampling.envelopes import BLOCK, openness
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.presets import Voice

_ZERO_HZ: Final = 8.176
"""0 cents: the MIDI number 0."""

_OPEN_HZ: Final = 18_000.0
"""A filter whose cutoff is above this changes nothing that is heard."""

_HIGHEST_HZ: Final = 0.45 * SAMPLE_RATE

_STILL: Final = 0.1
"""Octaves by which a cutoff may move and count as standing still."""


def filtered(sound: Mono, voice: Voice) -> Mono:
    """Return what the voice's low-pass lets through."""
    blocks = -(-len(sound) // BLOCK)
    cents = voice.of(Gen.FILTER_CENTS) + voice.of(Gen.ENVELOPE_TO_FILTER) * openness(voice, blocks)
    cutoffs = np.minimum(_ZERO_HZ * 2 ** (np.clip(cents, 1500, 13_500) / 1200), _HIGHEST_HZ)
    if not len(sound) or cutoffs.min() >= _OPEN_HZ:
        return sound
    return _low_passed(sound, cutoffs, voice.of(Gen.FILTER_Q) / 10)


def _low_passed(sound: Mono, cutoffs: Floats, resonance_db: float) -> Mono:
    """Return the sound through a low-pass whose cutoff is given for each block of samples.

    Where it moves, fixed filters an octave apart are cross-faded: one whose coefficients jump would click.
    """
    places = np.log2(cutoffs)
    if np.ptp(places) < _STILL:
        return np.asarray(signal.sosfilt(_low_pass(float(cutoffs.mean()), resonance_db), sound), np.float32)
    mixed, centres = np.zeros_like(sound), (np.arange(len(places)) + 0.5) * BLOCK
    for octave in range(math.floor(places.min()), math.ceil(places.max()) + 1):
        shares = np.maximum(1 - np.abs(places - octave), 0)
        if len(heard := np.flatnonzero(shares)):
            part = slice(max(int(heard[0]) - 1, 0) * BLOCK, (int(heard[-1]) + 2) * BLOCK)
            fade = np.interp(np.arange(len(sound))[part], centres, shares)
            mixed[part] += fade * signal.sosfilt(_low_pass(2.0**octave, resonance_db), sound[part])
    return mixed


def _low_pass(hertz: float, resonance_db: float) -> Floats:
    """Return the section of a low-pass after Bristow-Johnson; at 0 dB of resonance it is that of Butterworth."""
    quality = 10 ** (max(resonance_db - 3.01, -3.01) / 20)
    omega = 2 * np.pi * min(hertz, _HIGHEST_HZ) / SAMPLE_RATE
    alpha, cosine = np.sin(omega) / (2 * quality), np.cos(omega)
    a0, gain = 1 + alpha, min(1.0, 1 / np.sqrt(quality * np.sqrt(2)))
    b0 = gain * (1 - cosine) / 2 / a0
    return np.array([[b0, 2 * b0, b0, 1.0, -2 * cosine / a0, (1 - alpha) / a0]])
