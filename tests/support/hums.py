"""Synthetic recordings of hums with their ground truth: voice, human timing and intonation, room, phone, noise.

`python -m tests.support.hums examples/hum.wav` writes the tune of `tests.support.melodies.our_tune`.
"""

import sys
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from domain.music.hum import Analysis, HummedNote
from tests.support.melodies import Melody, our_tune, random_melody
from tests.support.synth_voice import SYLLABLES, VOICE_RATE, Floats, Singer, SungNotes, voice

__all__ = ["Hum", "Melody", "Singer", "hum", "our_tune", "perform", "random_melody", "random_singer", "write_wav"]

RATE: Final = 44_100


class Hum(msgspec.Struct, frozen=True, kw_only=True):
    """A recording with its ground truth; `notes` have the intended pitches, tuning included."""

    samples: NDArray[np.float32]
    sample_rate: int
    notes: tuple[HummedNote, ...]
    key: str
    tempo_bpm: float
    beats_per_bar: int
    first_beat: float
    tuning_cents: float
    phrases: tuple[int, ...]


def random_singer(rng: np.random.Generator, *, high: bool) -> Singer:
    """Return a random singer; `high` for a woman's or child's voice."""
    return Singer(
        syllable=str(rng.choice(list(SYLLABLES))),
        tuning_cents=float(rng.uniform(-45, 45)),
        vibrato_cents=float(rng.choice([0, 10, 25, 45])),
        vibrato_hz=float(rng.uniform(4.5, 6.5)),
        intonation_cents=float(rng.uniform(6, 18)),
        legato=float(rng.uniform(0.2, 0.8)),
        scoop=float(rng.uniform(0.2, 0.8)),
        timing=float(rng.uniform(0.006, 0.022)),
        breathiness=float(rng.uniform(0.01, 0.06)),
        tract=float(rng.uniform(1.1, 1.22) if high else rng.uniform(0.95, 1.05)),
    )


def hum(melody: Melody, *, seed: int, snr_db: float = 30.0, singer: Singer | None = None) -> Hum:
    """Return a recording of a melody. The signal-to-noise ratio is that of the voiced parts."""
    rng = np.random.default_rng(seed)
    singer = singer or random_singer(rng, high=float(np.mean([n.pitch for n in melody.notes])) > 60)
    notes, first_beat = perform(melody, rng, singer)
    duration = notes[-1].onset + notes[-1].duration + float(rng.uniform(0.3, 0.9))
    dry = voice(SungNotes(notes, melody.phrases), duration, rng, singer)
    voiced = np.zeros(len(dry), dtype=bool)
    for note in notes:
        voiced[int(note.onset * VOICE_RATE) : int((note.onset + note.duration) * VOICE_RATE)] = True
    wet = _phone(_room(dry, rng), rng)
    power = float(np.mean(wet[voiced] ** 2))
    noisy = wet + _background(len(wet), rng) * np.sqrt(power / 10 ** (snr_db / 10))
    loud = signal.resample_poly(noisy, RATE // VOICE_RATE, 1)
    loud *= 10 ** (rng.uniform(-9, -2) / 20) / np.max(np.abs(loud))
    return Hum(
        samples=loud.astype(np.float32),
        sample_rate=RATE,
        notes=notes,
        key=melody.key,
        tempo_bpm=melody.tempo_bpm,
        beats_per_bar=melody.beats_per_bar,
        first_beat=first_beat,
        tuning_cents=singer.tuning_cents,
        phrases=melody.phrases,
    )


def perform(melody: Melody, rng: np.random.Generator, singer: Singer) -> tuple[tuple[HummedNote, ...], float]:
    """Return the notes as a person times, tunes and stresses them, and the heard time of beat zero."""
    beat, lead_in = 60 / melody.tempo_bpm, float(rng.uniform(0.15, 0.7))
    first = melody.notes[0].start
    sway, phase = float(rng.uniform(0, 0.025)), float(rng.uniform(0, 2 * np.pi))
    edges = np.array([[n.start, n.start + n.beats] for n in melody.notes]) - first
    times = lead_in + beat * (edges + sway * 8 / (2 * np.pi) * (np.sin(edges * 2 * np.pi / 8 + phase) - np.sin(phase)))
    times[1:, 0] += rng.normal(0, singer.timing, len(times) - 1)
    times[:, 0] = np.maximum.accumulate(times[:, 0])
    follows = np.append(times[1:, 0], np.inf)
    ends = np.where(follows - times[:, 1] < 0.3 * beat, follows, times[:, 1])
    ends = times[:, 0] + (ends - times[:, 0]) * rng.uniform(0.88, 1.0, len(times))
    centres = [n.pitch for n in melody.notes] + (
        singer.tuning_cents + rng.normal(0, singer.intonation_cents, len(times))
    ) / 100
    stress = np.array([1.0 if n.start % melody.beats_per_bar == 0 else 0.8 for n in melody.notes])
    loudness = np.clip(stress * rng.uniform(0.65, 1.0, len(times)), 0.3, 1.0)
    rows = zip(times[:, 0], ends, centres, loudness / loudness.max(), strict=True)
    notes = tuple(HummedNote(float(t), max(0.08, float(e - t)), float(p), float(v)) for t, e, p, v in rows)
    return notes, lead_in - first * beat


def analysis_of(recording: Hum) -> Analysis:
    """Return what a listener without a fault hears of a hum."""
    return Analysis(
        duration=len(recording.samples) / recording.sample_rate,
        tuning_cents=recording.tuning_cents,
        key=recording.key,
        key_confidence=1.0,
        tempo_bpm=recording.tempo_bpm,
        tempo_confidence=1.0,
        first_beat=recording.first_beat,
        notes=recording.notes,
        phrases=recording.phrases,
    )


def write_wav(path: Path, samples: NDArray[np.float32], sample_rate: int = RATE) -> None:
    """Write 16-bit mono."""
    soundfile.write(path, samples, sample_rate, subtype="PCM_16", format="WAV")


def _room(dry: Floats, rng: np.random.Generator) -> Floats:
    seconds = rng.uniform(0.15, 0.5)
    time = np.arange(int(seconds * VOICE_RATE)) / VOICE_RATE
    tail = rng.normal(0, 1, len(time)) * 10 ** (-3 * time / seconds) * (time > 0.004)
    tail *= 10 ** (rng.uniform(-16, -7) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return np.asarray(signal.fftconvolve(dry, tail)[: len(dry)])


def _phone(wet: Floats, rng: np.random.Generator) -> Floats:
    band = signal.butter(2, [rng.uniform(70, 160), rng.uniform(6000, 9500)], "band", fs=VOICE_RATE)
    return np.asarray(signal.lfilter(*band, wet))


def _background(size: int, rng: np.random.Generator) -> Floats:
    """Return noise of unit power between pink and white, with the mains and a slow swell in it."""
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    spectrum[1:] *= np.arange(1, len(spectrum)) ** -rng.uniform(0.1, 0.5)
    noise = np.fft.irfft(spectrum, size)
    time = np.arange(size) / VOICE_RATE
    noise *= 1 + 0.3 * np.sin(2 * np.pi * rng.uniform(0.1, 0.6) * time)
    noise += rng.uniform(0, 0.15) * noise.std() * np.sin(2 * np.pi * rng.choice([50, 60, 100, 120]) * time)
    return np.asarray(noise / noise.std())


if __name__ == "__main__":
    tune = hum(our_tune(), seed=7, snr_db=35.0)
    write_wav(Path(sys.argv[1]), tune.samples)
