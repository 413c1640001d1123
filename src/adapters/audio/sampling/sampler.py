"""A SoundFont that is open, and the tones of its programs."""

from typing import BinaryIO, Final

import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.instruments.patch import TARGET_LUFS
from adapters.audio.instruments.signals import db_to_gain, to_samples
from adapters.audio.mix.loudness import hop_energies, momentary
from adapters.audio.sampling.presets import Presets
from adapters.audio.sampling.programs import MIDI_VELOCITY
from adapters.audio.sampling.recordings import Recordings
from adapters.audio.sampling.rendering import Shape, render_voices
from adapters.audio.sampling.riff import read_chunks
from domain.music.theory.pitch import to_hz

_STRAY_CENTS: Final = 3.0
"""How far a take may be out of tune: no two are alike."""

_MEASURED_SECONDS: Final = 0.8
_MOST_GAIN_DB: Final = 30.0

_FULL: Final = 0.8
"""The velocity from which on the samples are as bright as recorded."""

_DARKER_DB: Final = 12.0
"""By how much the overtones of a note of no velocity are softer; sets record one dynamic, or two."""

_OVERTONES: Final = 2.5
"""Times the fundamental: from here on."""


class Sampler:
    """Plays the programs of an open SoundFont.

    Args:
        file: Stays open as long as this lives.

    Raises:
        BadSoundFont: It is none, or a broken one.
    """

    def __init__(self, file: BinaryIO) -> None:
        chunks = read_chunks(file)
        self._presets = Presets(chunks.lists)
        self._recordings = Recordings(file, chunks.samples_at, chunks.samples_size)

    def play(self, program: int, pitch: int, velocity: float, length: int, detune: float = 0.0) -> Stereo:
        """Return a note from its onset, `length` samples; velocity 0..1, `detune` in cents."""
        voices = self._presets.voices(program, pitch, max(1, round(MIDI_VELOCITY * velocity)))
        return render_voices(voices, self._recordings, length, detune, _shade(pitch, velocity))


class SampledTone:
    """The `Tone` of a program. Its takes are equally loud at all pitches and velocities, as those of our synths are.

    Sets are uneven: from key to key, recordings of one instrument differ by up to 8 dB.
    """

    def __init__(self, sampler: Sampler, program: int) -> None:
        self._sampler, self._program = sampler, program

    def __call__(self, pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
        """Return a take."""
        stray = float(rng.uniform(-_STRAY_CENTS, _STRAY_CENTS))
        measured = to_samples(_MEASURED_SECONDS)  # also of a shorter one: its length must not change its level
        sound = self._sampler.play(self._program, pitch, velocity, max(length, measured), stray)
        sound *= np.float32(_levelling_gain(sound[:, :measured]))
        return sound[:, :length]


def _shade(pitch: int, velocity: float) -> Shape | None:
    """Return what makes the overtones of a note softer that is played softly: a shelf of first order."""
    if velocity >= _FULL:
        return None
    cut = np.float32(1 - db_to_gain(-_DARKER_DB * (_FULL - velocity) / _FULL))
    hertz = min(_OVERTONES * to_hz(pitch), 0.3 * SAMPLE_RATE)
    b, a = signal.butter(1, hertz, "highpass", fs=SAMPLE_RATE)

    def shade(sound: Mono) -> Mono:
        return np.asarray(sound - cut * signal.lfilter(b, a, sound), np.float32)

    return shade


def _levelling_gain(sound: Stereo) -> float:
    channels = 1 if np.array_equal(*sound) else 2  # half the work
    energies = hop_energies(sound[:channels], SAMPLE_RATE) * (2 / channels)
    return db_to_gain(min(TARGET_LUFS - momentary(energies), _MOST_GAIN_DB))
