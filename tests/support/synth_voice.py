"""A synthetic humming voice: glottal harmonics through formant filters (Fant 1960), with human articulation."""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import signal

from domain.music.hum import HummedNote

Floats = NDArray[np.float64]

VOICE_RATE: Final = 22_050  # a phone passes nothing above 10 kHz of a hum
CONTROL: Final = 245  # control frames per second: VOICE_RATE / 90
HARMONICS: Final = 40
FORMANTS: Final = {  # Hz, after Peterson & Barney 1952 (vowels) and Fujimura 1962 (nasal murmurs)
    "m": (270.0, 1050.0, 2200.0),
    "n": (280.0, 1350.0, 2300.0),
    "a": (730.0, 1150.0, 2500.0),
    "o": (480.0, 850.0, 2450.0),
    "u": (320.0, 800.0, 2250.0),
    "l": (360.0, 1250.0, 2600.0),
    "d": (220.0, 1600.0, 2600.0),
}
SYLLABLES: Final = {
    "mm": ("m", "m"),
    "na": ("n", "a"),
    "da": ("d", "a"),
    "la": ("l", "a"),
    "doo": ("d", "u"),
    "no": ("n", "o"),
}


CLOSURES: Final = {"mm": (0.07, 7.0), "da": (0.045, 14.0), "doo": (0.045, 14.0)}
"""Duration in seconds and depth in dB of the closure that separates repeated notes."""


class Singer(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same through a hum.

    Attributes:
        syllable: A key of `SYLLABLES`.
        tuning_cents: Distance from A4 = 440 Hz.
        vibrato_cents: Depth, `vibrato_hz` its rate; on long notes only.
        intonation_cents: Standard deviation of a note's centre from its pitch.
        legato: Chance that a note of another pitch is reached by gliding, without a consonant.
        scoop: Chance that a phrase's or an accented note starts below its pitch.
        timing: Standard deviation of onsets, seconds.
        tract: Scales the formants (1.0 a tall man, 1.18 a woman).
    """

    syllable: str
    tuning_cents: float
    vibrato_cents: float
    vibrato_hz: float
    intonation_cents: float
    legato: float
    scoop: float
    timing: float
    breathiness: float
    tract: float


class SungNotes(msgspec.Struct, frozen=True):
    """Notes as they are to be hummed, and the indices of each phrase's first one."""

    notes: tuple[HummedNote, ...]
    phrases: tuple[int, ...]


def voice(tune: SungNotes, duration: float, rng: np.random.Generator, singer: Singer) -> Floats:
    """Return the dry voice at `VOICE_RATE`."""
    tract = _VocalTract(tune, int(duration * CONTROL), rng, singer)
    tract.move()
    at = np.arange(int(duration * VOICE_RATE)) / VOICE_RATE * CONTROL
    frames = np.arange(len(tract.time))
    hertz = 440 * 2 ** ((tract.pitch - 69) / 12)
    jitter = signal.lfilter([0.2], [1, -0.8], rng.normal(0, 0.008, len(frames)))
    phase = np.cumsum(np.interp(at, frames, hertz * (1 + jitter))) / VOICE_RATE
    amplitude = tract.level * (1 + signal.lfilter([0.3], [1, -0.7], rng.normal(0, 0.06, len(frames))))
    turn, power = np.exp(2j * np.pi * phase), np.ones(len(phase), dtype=complex)
    out, tilt = np.zeros(len(phase)), rng.uniform(1.0, 1.6)
    for k in range(1, HARMONICS + 1):
        power *= turn
        gain = amplitude * k**-tilt * _response(k * hertz, tract.formants) * (k * hertz < 9000)
        if gain.max() > 1e-5:
            out += np.interp(at, frames, gain) * power.imag
    air = signal.lfilter(*signal.butter(2, [500, 6000], "band", fs=VOICE_RATE), rng.normal(0, 1, len(out)))
    breath = singer.breathiness * tract.level + tract.breaths()
    return np.asarray(out + air * np.interp(at, frames, breath) * np.max(np.abs(out)))


class _VocalTract:
    """Pitch (MIDI), level (0..1) and formants (3 × frames) at the control rate."""

    def __init__(self, tune: SungNotes, size: int, rng: np.random.Generator, singer: Singer) -> None:
        consonant, vowel = (np.array(FORMANTS[sound]) * singer.tract for sound in SYLLABLES[singer.syllable])
        self._tune, self._rng, self._singer, self._consonant = tune, rng, singer, consonant
        self.time: Floats = np.arange(size) / CONTROL
        self.pitch: Floats = np.full(size, tune.notes[0].pitch)
        self.level: Floats = np.zeros(size)
        self.formants: Floats = np.tile(vowel[:, None], size)

    def move(self) -> None:
        """Articulate every note, then smooth the curves."""
        for index in range(len(self._tune.notes)):
            self._note(index)
        size, rng = len(self.time), self._rng
        drift = signal.lfilter(*signal.butter(1, 3, fs=CONTROL), rng.normal(0, 1.0, size)) * rng.uniform(0.4, 1.0)
        self.pitch = self.pitch + drift
        self.level = _smooth(self.level, 9)
        self.formants = np.stack([_smooth(row, 7) for row in self.formants])

    def breaths(self) -> Floats:
        """Return the level of the breaths taken before phrases."""
        level = np.zeros(len(self.time))
        for index in self._tune.phrases:
            note, before = self._tune.notes[index], self._tune.notes[index - 1] if index else None
            free = note.onset - (before.onset + before.duration if before else 0.0)
            if free > 0.15:
                length, end = min(free * 0.8, self._rng.uniform(0.2, 0.4)), note.onset - 0.03
                inside = np.clip((self.time - end + length) / length, 0, 1)
                level += self._rng.uniform(0.01, 0.06) * np.sin(np.pi * inside) ** 2
        return level

    def _note(self, index: int) -> None:
        note, rng, singer = self._tune.notes[index], self._rng, self._singer
        joined = self._joined(index)
        step = abs(self._tune.notes[index - 1].pitch - note.pitch) if index else 0.0
        glides = joined and step > 0.5 and rng.random() < singer.legato
        end = self._tune.notes[index + 1].onset if index + 1 < len(self._tune.notes) else self.time[-1] + 1
        here = (self.time >= note.onset) & (self.time < end)
        since = self.time - note.onset
        self.pitch[here] = note.pitch + _vibrato(since[here], note.duration, rng, singer)
        arch = 1 - 0.25 * np.clip(since / max(note.duration, 0.2), 0, 1)
        sounding = here & (since < note.duration + (0.02 if joined else 0))
        self.level[sounding] = (note.loudness * arch)[sounding]
        if not joined:
            self._attack(here & (since < rng.uniform(0.03, 0.07)))
        elif not glides:
            self._articulate(note.onset)
        if not glides and rng.random() < singer.scoop * (0.4 if joined else 1.0):
            depth, span = rng.uniform(0.5, 2.5), rng.uniform(0.02, 0.06)
            self.pitch[here] -= depth * np.exp(-since[here] / span)
        if joined:
            self._glide(note, rng.uniform(0.06, 0.16) if glides else rng.uniform(0.02, 0.06), carries=glides)

    def _joined(self, index: int) -> bool:
        if not index or index in self._tune.phrases:
            return False
        before, note = self._tune.notes[index - 1 : index + 1]
        return note.onset - before.onset - before.duration < 0.09

    def _attack(self, begins: NDArray[np.bool_]) -> None:
        self.formants[:, begins] = self._consonant[:, None]
        self.level[begins] *= self._rng.uniform(0.3, 0.7)

    def _articulate(self, onset: float) -> None:
        """Close the mouth around an onset: a dip in energy, the consonant's formants, all voiced."""
        closed, depth = CLOSURES.get(self._singer.syllable, (0.06, 6.0))
        start = onset - closed * self._rng.uniform(0.6, 0.9)
        span = (self.time >= start) & (self.time < start + closed * self._rng.uniform(0.8, 1.2))
        around = self.level[(self.time > onset - 0.15) & (self.time < onset + 0.1)].max(initial=0.3)
        self.level[span] = around * 10 ** (-(depth + self._rng.uniform(-3, 3)) / 20)
        self.formants[:, span] = self._consonant[:, None]

    def _glide(self, note: HummedNote, width: float, *, carries: bool) -> None:
        """Glide to the new pitch around an onset; legato keeps the voice sounding through it."""
        span = np.flatnonzero((self.time >= note.onset - width / 2) & (self.time < note.onset + width / 2))
        if len(span) >= 3:
            bend = (1 - np.cos(np.linspace(0, np.pi, len(span)))) / 2
            self.pitch[span] = self.pitch[span[0]] + (self.pitch[span[-1]] - self.pitch[span[0]]) * bend
        if carries:
            gap = (self.time >= note.onset - 0.09) & (self.time < note.onset) & (self.level == 0)
            self.level[gap] = note.loudness * 0.8


def _vibrato(time: Floats, duration: float, rng: np.random.Generator, singer: Singer) -> Floats:
    if duration < 0.4:
        return np.zeros(len(time))
    swell = np.clip((time - rng.uniform(0.15, 0.3)) / 0.25, 0, 1)
    return swell * singer.vibrato_cents / 100 * np.sin(2 * np.pi * singer.vibrato_hz * time + rng.uniform(0, 6.28))


def _response(hertz: Floats, formants: Floats) -> Floats:
    """Return the gain of three resonances in cascade at one frequency per frame (Fant 1960)."""
    gain = np.ones(len(hertz))
    for centre, width in zip(formants, (70.0, 100.0, 160.0), strict=True):
        gain *= centre**2 / np.sqrt((hertz**2 - centre**2) ** 2 + (width * hertz) ** 2)
    return gain


def _smooth(values: Floats, size: int) -> Floats:
    kernel = signal.windows.hann(size)
    return np.convolve(np.pad(values, size // 2, "edge"), kernel / kernel.sum(), "valid")
