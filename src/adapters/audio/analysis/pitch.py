"""The pitch of a hum, one frame per 8 ms.

Pitch and confidence come from SwiftF0 (Nieradzik, "SwiftF0: fast and accurate monophonic pitch detection", 2025), a
small convolutional network. Frame i is centred on `i * STEP` seconds, as in librosa and mir_eval. Its range ends near
2,090 Hz, and it may prefer a weaker voice to a whistle. Whistles are nearly sinusoidal, so a spectral peak tells their
pitch.
"""

import os
from functools import cache
from typing import Final, NamedTuple

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # since 1.29 it reports models and machine to Microsoft unless told not to

import numpy as np
import swift_f0

from adapters.audio.analysis.spectrum import BIN_HZ, HOP, RATE
from adapters.audio.arrays import Flags, Floats, Mono, Spectrogram

STEP: Final = HOP / RATE
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 2000.0
"""Range in which SwiftF0 is asked, from the lowest hum of a bass up; whistles are found apart."""

VOICED: Final = 0.5
"""Confidence from which SwiftF0 calls a frame voiced."""

_PIECE: Final = 4 * RATE
"""Samples that SwiftF0 hears at a time: the frames are the same, and 30 s at once take 190 MB and a tenth longer."""

WHISTLE_BINS: Final = slice(42, 90)
"""1,300 to 2,800 Hz: where a lone spectral peak is taken for a whistle."""

LOWEST_WHISTLE_BIN: Final = 20
LONELY: Final = 10 ** (-18 / 10)
"""From 625 Hz, a peak is one, too, where it is a harmonic of the pitch found, and those beside it are 18 dB weaker."""

PURITY: Final = 0.7
PURITY_BINS: Final = slice(10, 128)
"""Share of the energy from 300 to 4,000 Hz within two bins of the peak that makes a whistle; a sung harmonic has
less."""


class Frames(NamedTuple):
    """What SwiftF0 hears, a frame every 16 ms; arrays of shape (frames,).

    Attributes:
        hertz: Pitch.
        confidence: 0..1; voiced from 0.5.
    """

    hertz: Floats
    confidence: Floats


class PitchTrack(NamedTuple):
    """Pitch over time; arrays of shape (frames,).

    Attributes:
        pitch: MIDI number with fraction.
        confidence: 0..1; voiced from 0.5.
    """

    pitch: Floats
    confidence: Floats


@cache
def detector() -> swift_f0.SwiftF0:
    """Return the model of this process; single-threaded, because several processes share the cores."""
    return swift_f0.SwiftF0(threads=1, spin=False)


def frames_of(samples: Mono) -> Frames:
    """Return what SwiftF0 hears in samples at `RATE`; it takes quiet recordings for silence, so all get one peak."""
    peak = max(float(np.max(np.abs(samples))), 1e-9)
    stream = detector().stream(LOWEST_HZ, HIGHEST_HZ)
    pieces = np.split(samples * np.float32(0.5 / peak), range(_PIECE, len(samples), _PIECE))
    found = swift_f0.concat([*(stream.push(piece, RATE) for piece in pieces), stream.flush()])
    return Frames(found.pitch_hz, found.confidence)


def track_pitch(frames: Frames, spectra: Spectrogram) -> PitchTrack:
    """Return the pitch of samples, of which `spectra` are those of `spectrum.magnitudes`.

    Between the model's frames it is interpolated (running it again half a frame later took twice the time and found no
    better notes).
    """
    between, known = np.arange(len(spectra)) / 2, np.arange(len(frames.hertz))
    voice = PitchTrack(
        np.interp(between, known, to_midi(frames.hertz)),
        np.clip(np.interp(between, known, frames.confidence), 0, 1),
    )
    return _with_whistles(voice, spectra)


def _with_whistles(voice: PitchTrack, spectra: Spectrogram) -> PitchTrack:
    """Replace the pitch where a spectral peak is surely that of a whistle.

    The peak is interpolated by a parabola through three log magnitudes (Smith & Serra, PARSHL, 1987).
    """
    band, rows = spectra[:, PURITY_BINS], np.arange(len(spectra))
    bins = np.argmax(band, axis=1) + PURITY_BINS.start
    left, middle, right = (np.log(spectra[rows, bins + move].astype(np.float64) + 1e-9) for move in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -1e-6)
    hertz = BIN_HZ * (bins + np.clip((left - right) / (2 * bend), -0.5, 0.5))
    around = np.sum([spectra[rows, bins + move] ** 2 for move in range(-2, 3)], axis=0)
    purity = np.minimum(around / (np.sum(band**2, axis=1) + 1e-12), 1.0)
    high = (bins >= WHISTLE_BINS.start) | ((bins >= LOWEST_WHISTLE_BIN) & _lonely(spectra, hertz, voice.pitch))
    audible = around > 1e-4 * np.max(around, initial=0.0)
    whistled = high & (bins < WHISTLE_BINS.stop) & (purity >= PURITY) & audible
    return PitchTrack(
        np.where(whistled, to_midi(hertz), voice.pitch),
        np.where(whistled, np.maximum(np.sqrt(purity), voice.confidence), voice.confidence),
    )


def _lonely(spectra: Spectrogram, hertz: Floats, pitch: Floats) -> Flags:
    """Return where a peak would be a harmonic of the pitch, but without the harmonics beside it."""
    fundamental = 440 * 2 ** ((pitch - 69) / 12)
    number, rows = np.round(hertz / fundamental), np.arange(len(spectra))
    beside = np.zeros(len(spectra))
    for step in (-1, 1):
        centre = np.clip(np.round((number + step) * fundamental / BIN_HZ).astype(int), 1, spectra.shape[1] - 2)
        beside = np.maximum(beside, np.max([spectra[rows, centre + move] for move in (-1, 0, 1)], axis=0))
    peak = spectra[rows, np.round(hertz / BIN_HZ).astype(int)]
    return np.asarray((number >= 2) & (beside**2 < LONELY * peak**2))


def to_midi(hertz: Floats) -> Floats:
    """Return MIDI numbers with fraction."""
    return np.asarray(69 + 12 * np.log2(hertz / 440))
