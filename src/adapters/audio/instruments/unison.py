"""Unison wavetable synthesis for sustained sounds: several detuned, panned voices play one note.

Each voice reads two band-limited wavetables, a dark and a bright one; an envelope crossfades them, as a low-pass filter
that opens would.
"""

import functools
from collections.abc import Callable

import msgspec
import numpy as np

from adapters.audio.arrays import Floats, Mono, Stereo
from adapters.audio.instruments.signals import (
    control_times,
    db_to_gain,
    harmonic_frequencies,
    interpolate_blocks,
    look_up,
    looped_noise,
    oscillator_indices,
    pan_gains,
    wavetable,
)
from domain.music.theory.pitch import to_hz

HarmonicSpectrum = Callable[[Floats, float], tuple[Floats, Floats]]
"""(harmonic frequencies in Hz, velocity) to two sets of amplitudes, dark and bright."""


_MAX_DETUNE_CENTS = 50
"""Cents by which a voice may exceed its note without a partial above the ceiling."""


class Vibrato(msgspec.Struct, frozen=True):
    """Vibrato of a depth in cents: it sets in after `delay` seconds and reaches its depth as long after that."""

    cents: float
    hertz: float = 5.4
    delay: float = 0.3


class BreathNoise(msgspec.Struct, frozen=True):
    """The noise of bow, lips or air: its band in Hz and its level."""

    low: float
    high: float
    decibels: float


class Envelope(msgspec.Struct, frozen=True):
    """An envelope from `start` to 1 in `attack` seconds, then towards `sustain`."""

    start: float
    attack: float
    sustain: float
    decay: float

    def at(self, times: Floats) -> Floats:
        """Return the envelope at times in seconds; the decay covers 60 dB in `decay` seconds."""
        up = self.start + (1 - self.start) * np.clip(times / self.attack, 0, 1)
        down = self.sustain + (1 - self.sustain) * np.exp(-6.9 * np.maximum(times - self.attack, 0) / self.decay)
        return np.asarray(up * down)


class UnisonTone(msgspec.Struct, frozen=True, kw_only=True):
    """A tone of several voices in unison.

    Attributes:
        detune: Cents of each voice; voices are panned left and right alternately.
        width: Stereo width, 0 (mono) .. 1.
        drift: Depth in cents of each voice's slow pitch drift.
        scoop: Cents below the note at which it starts; gone after about 0.1 s.
        brightness: From the dark spectrum (0) to the bright one (1) over time.
        loudness: Over time, before the note's attack and release.
        schroeder_phases: Whether phases are spread (many natural sources) or those of a sawtooth (synthesisers).
        scatter: Range of the voices' start phases in cycles; few voices with random phases could cancel each other.
    """

    spectrum: HarmonicSpectrum
    detune: tuple[float, ...] = (0.0,)
    width: float = 0.0
    drift: float = 0.0
    scoop: float = 0.0
    vibrato: Vibrato | None = None
    breath: BreathNoise | None = None
    brightness: Envelope = Envelope(1.0, 1.0, 1.0, 1.0)
    loudness: Envelope = Envelope(1.0, 1.0, 1.0, 1.0)
    schroeder_phases: bool = True
    scatter: float = 1.0

    def __call__(self, pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
        """Play a tone; see `patch.Tone`."""
        times = control_times(length)
        dark, opening = _tables(self.spectrum, self.schroeder_phases, pitch, velocity)
        shade = interpolate_blocks(self.brightness.at(times), length)
        waves = np.empty((len(self.detune), length), np.float32)
        for wave, cents in zip(waves, self.detune, strict=True):
            tuning = cents - self.scoop * np.exp(-times / 0.03) + self._pitch_modulation(times, rng)
            places = oscillator_indices(to_hz(pitch) * 2 ** (tuning / 1200), length, self.scatter * rng.random())
            wave[:] = look_up(dark, places) + shade * look_up(opening, places)
        out = self._pan_matrix() @ waves
        if self.breath is not None:
            out += self._breath_noise(self.breath, length, rng)
        out *= interpolate_blocks(self.loudness.at(times), length)
        return np.asarray(out, np.float32)

    def _pitch_modulation(self, times: Floats, rng: np.random.Generator) -> Floats:
        turns = 2 * np.pi * rng.random(2)
        cents = self.drift * np.sin(2 * np.pi * rng.uniform(0.2, 0.7) * times + turns[0])
        if self.vibrato is not None:
            delay = self.vibrato.delay
            depth = self.vibrato.cents * np.clip((times - delay) / max(delay, 0.05), 0, 1)
            cents = cents + depth * np.sin(2 * np.pi * self.vibrato.hertz * rng.uniform(0.93, 1.07) * times + turns[1])
        return np.asarray(cents)

    def _pan_matrix(self) -> Stereo:
        count = len(self.detune)
        turns = [(-1) ** voice * (1 - voice / max(count, 1)) for voice in range(count)] if count > 1 else [0.0]
        places = np.array([pan_gains(self.width * turn) for turn in turns], np.float32)
        return np.asarray(places.T / np.sqrt(count), np.float32)

    def _breath_noise(self, breath: BreathNoise, length: int, rng: np.random.Generator) -> Stereo:
        level = np.float32(db_to_gain(breath.decibels))
        return np.stack([looped_noise(length, breath.low, breath.high, rng) * level for _ in range(2)])


@functools.lru_cache(maxsize=128)
def _tables(spectrum: HarmonicSpectrum, schroeder_phases: bool, pitch: int, velocity: float) -> tuple[Mono, Mono]:
    """Return the dark wavetable, and the difference from it to the bright one."""
    above = 2 ** (_MAX_DETUNE_CENTS / 1200)
    dark, bright = spectrum(harmonic_frequencies(to_hz(pitch) * above) / above, velocity)
    closed = wavetable(dark, schroeder_phases=schroeder_phases)
    return closed, wavetable(bright, schroeder_phases=schroeder_phases) - closed


def resonance_response(frequencies: Floats, *peaks: tuple[float, float, float]) -> Floats:
    """Return the magnitude response of a body or vocal tract: 1 plus a bell per (Hz, width in octaves, height)."""
    response = np.ones_like(frequencies)
    for centre, octaves, height in peaks:
        response += height * np.exp(-0.5 * (np.log2(frequencies / centre) / octaves) ** 2)
    return response


def butterworth_gain(frequencies: Floats, cutoff: float, order: int) -> Floats:
    """Return the magnitude response of a Butterworth low-pass."""
    return np.asarray(1 / np.sqrt(1 + (frequencies / cutoff) ** (2 * order)))
