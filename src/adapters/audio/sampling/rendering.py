"""A note of a SoundFont's preset as sound: its samples moved to the note's pitch, filtered and placed.

Samples are moved by resampling, which keeps what lies above half the new rate from folding back. Loops are written out
before that, so that their ends meet as the set's maker has heard it.
"""

from typing import Final

import numpy as np
import soxr
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.instruments.signals import db_to_gain
from adapters.audio.sampling import envelopes
from adapters.audio.sampling.envelopes import BLOCK
from adapters.audio.sampling.generators import Gen
from adapters.audio.sampling.presets import Voice
from adapters.audio.sampling.recordings import Recordings

_COARSE: Final = 32_768
_LOOPS: Final = frozenset({1, 3})
_OPEN_HZ: Final = 18_000.0
"""A filter whose cutoff is above this changes nothing that is heard."""

_ATTENUATION: Final = 0.4
"""Of the centibels that zones state: what sound cards made of them, and every synthesiser since."""

_MARGIN: Final = 64
"""Frames beyond the last one, for the resampler."""

_LOWEST_RATE, _HIGHEST_RATE = 400.0, 4_000_000.0


def render_voices(voices: list[Voice], recordings: Recordings, length: int, detune: float) -> Stereo:
    """Return the sound of a note from its onset, `length` samples.

    Args:
        voices: What sounds it.
        recordings: Where their samples are.
        length: Samples.
        detune: Cents by which all of them are moved.

    Raises:
        BadSoundFont: A sample cannot be decoded.
    """
    sound = np.zeros((2, length), np.float32)
    for voice in voices:
        mono = _filtered(_moved(voice, recordings, length, detune), voice)
        mono *= envelopes.loudness(voice, len(mono)) * np.float32(_gain(voice))
        sides = _sides(voice)
        for side, gain in zip(sound, sides, strict=True):
            if gain:
                side[: len(mono)] += mono * np.float32(gain)
    return sound


def _moved(voice: Voice, recordings: Recordings, length: int, detune: float) -> Mono:
    """Return the sample at the pitch of the note, at our rate."""
    rate = _rate(voice, detune)
    frames = int(length * rate / SAMPLE_RATE) + _MARGIN
    source = _unrolled(voice, recordings, frames)
    return np.asarray(soxr.resample(source, rate, SAMPLE_RATE), np.float32)[:length]


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


def _filtered(sound: Mono, voice: Voice) -> Mono:
    """Return what the voice's low-pass lets through; its cutoff follows the envelope."""
    closed, opening = voice.of(Gen.FILTER_CENTS), voice.of(Gen.ENVELOPE_TO_FILTER)
    blocks = -(-len(sound) // BLOCK)
    cents = np.clip(closed + opening * envelopes.openness(voice, blocks), 1500, 13_500)
    cutoffs = np.minimum(8.176 * 2 ** (cents / 1200), 0.45 * SAMPLE_RATE)
    if not len(sound) or cutoffs.min() >= _OPEN_HZ:
        return sound
    return _low_passed(sound, cutoffs, voice.of(Gen.FILTER_Q) / 10)


def _low_passed(sound: Mono, cutoffs: np.ndarray, resonance_db: float) -> Mono:
    """Return the sound through a resonant low-pass; runs of blocks with about the same cutoff are filtered at once."""
    filtered, state, first = np.empty_like(sound), np.zeros((1, 2), np.float32), 0
    steps = np.round(12 * np.log2(cutoffs / 440) / 2)
    borders = [*np.flatnonzero(np.diff(steps)) + 1, len(steps)]
    for last in borders:
        part = slice(first * BLOCK, last * BLOCK)
        sos = _low_pass(float(cutoffs[first:last].mean()), resonance_db)
        filtered[part], state = signal.sosfilt(sos, sound[part], zi=state)
        first = last
    return filtered


def _low_pass(hertz: float, resonance_db: float) -> np.ndarray:
    """Return a two-pole low-pass after Bristow-Johnson; at 0 dB of resonance it is that of Butterworth."""
    quality = 10 ** (max(resonance_db - 3.01, -3.01) / 20)
    omega = 2 * np.pi * hertz / SAMPLE_RATE
    alpha, cosine = np.sin(omega) / (2 * quality), np.cos(omega)
    a0, gain = 1 + alpha, min(1.0, 1 / np.sqrt(quality * np.sqrt(2)))
    return np.array(
        [[gain * (1 - cosine) / 2 / a0, gain * (1 - cosine) / a0, gain * (1 - cosine) / 2 / a0, 1.0,
          -2 * cosine / a0, (1 - alpha) / a0]],
        np.float32,
    )  # fmt: skip


def _gain(voice: Voice) -> float:
    return db_to_gain(-_ATTENUATION * max(voice.of(Gen.ATTENUATION), 0.0) / 10)


def _sides(voice: Voice) -> tuple[float, float]:
    """Return the gains to the left and the right; equal power, and a sample in the middle as loud as on a side."""
    turn = (min(max(voice.of(Gen.PAN), -500.0), 500.0) / 1000 + 0.5) * np.pi / 2
    return float(np.cos(turn)), float(np.sin(turn))
