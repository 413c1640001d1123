"""Measures single instruments: loudness, pitch, spectrum and stereo width."""

import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono, Stereo
from adapters.audio.instruments.player import Bus, play_part
from domain.music.instruments import Instrument
from domain.music.score import Part, ScoreNote
from domain.music.theory.pitch import to_hz

TYPICAL: dict[Instrument, int] = {
    Instrument.LOW_STRINGS: 48, Instrument.HIGH_STRINGS: 72, Instrument.SOLO_STRINGS: 72, Instrument.HORNS: 57,
    Instrument.CHOIR: 64, Instrument.PIANO: 64, Instrument.CELESTA: 79, Instrument.ELECTRIC_PIANO: 60,
    Instrument.VIBRAPHONE: 69, Instrument.UPRIGHT_BASS: 36, Instrument.SUPERSAW: 60, Instrument.LEAD_SYNTH: 72,
    Instrument.ARP_SYNTH: 69, Instrument.SYNTH_BASS: 36, Instrument.PIZZICATO: 67, Instrument.TIMPANI: 45,
    Instrument.FLUTE: 76, Instrument.CLARINET: 67, Instrument.NYLON_GUITAR: 57, Instrument.STEEL_GUITAR: 57,
    Instrument.OVERDRIVEN_GUITAR: 52, Instrument.LEAD_GUITAR: 69, Instrument.ELECTRIC_BASS: 36,
    Instrument.WARM_PAD: 60, Instrument.GLASS: 76, Instrument.BRIGHT_LEAD: 72, Instrument.PULSE_LEAD: 72,
    Instrument.SQUARE_ARP: 72, Instrument.TRIANGLE_BASS: 45,
}  # fmt: skip
"""The middle of each pitched instrument's register."""

# ITU-R BS.1770-4 at 44.1 kHz, as in libebur128: the head's shelf, then the RLB high-pass.
_K_WEIGHTING = np.array(
    [
        [1.5308412300503478, -2.6509799951547297, 1.1690790799215869, 1.0, -1.6636551132560204, 0.7125954280732254],
        [1.0, -2.0, 1.0, 1.0, -1.9891696736297957, 0.9891990357870394],
    ]
)


def played(instrument: Instrument, *notes: ScoreNote, seconds: float, seed: int = 1) -> Stereo:
    """Return the dry sound of an instrument alone, without any gain."""
    sound = np.zeros((2, round(seconds * SAMPLE_RATE)), np.float32)
    play_part(Part(name="solo", instrument=instrument, notes=notes), (Bus(sound, 1.0),), seed)
    return sound


def momentary(sound: Stereo) -> float:
    """Return the greatest momentary loudness (400 ms) in LUFS."""
    weighted = signal.sosfilt(_K_WEIGHTING, sound)
    power = np.sum(weighted**2, axis=0)
    window = round(0.4 * SAMPLE_RATE)
    energy = np.concatenate([[0.0], np.cumsum(power)])
    return float(-0.691 + 10 * np.log10(np.max(energy[window:] - energy[:-window]) / window + 1e-12))


def loudness(instrument: Instrument) -> float:
    """Return the loudness of an instrument in LUFS: a note of a second, or a drum beat, at velocity 0.8."""
    if instrument in TYPICAL:
        return momentary(played(instrument, ScoreNote(0.1, 1.0, TYPICAL[instrument], 0.8), seconds=2))
    keys = ((0.1, 36), (0.1, 42), (0.35, 42), (0.6, 38), (0.6, 42), (0.85, 42))
    return momentary(played(instrument, *(ScoreNote(at, 0.1, key, 0.8) for at, key in keys), seconds=2))


def spectrum(wave: Mono) -> tuple[Floats, Floats]:
    """Return frequencies in Hz and magnitudes under a Blackman–Harris window (sidelobes −92 dB)."""
    magnitudes = np.abs(np.fft.rfft(wave * signal.windows.blackmanharris(len(wave)))).astype(np.float64)
    frequencies = np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE).astype(np.float64)
    return frequencies, magnitudes


def centroid(sound: Stereo) -> float:
    """Return the spectral centroid in Hz."""
    frequencies, magnitudes = spectrum(sound.mean(axis=0))
    return float(np.sum(frequencies * magnitudes**2) / np.sum(magnitudes**2))


def channel_correlation(sound: Stereo) -> float:
    """Return the correlation of the channels: 1 is mono, 0 is fully decorrelated."""
    left, right = sound - sound.mean(axis=1, keepdims=True)
    return float(np.sum(left * right) / np.sqrt(np.sum(left**2) * np.sum(right**2)))


def pitch_error(sound: Stereo, pitch: int) -> float:
    """Return the deviation of the fundamental from a MIDI pitch in cents: the mean frequency within a semitone."""
    wave = sound.mean(axis=0)
    magnitudes = np.abs(np.fft.rfft(wave * signal.windows.blackmanharris(len(wave)), 1 << 19))
    cents = 1200 * np.log2(np.maximum(np.fft.rfftfreq(1 << 19, 1 / SAMPLE_RATE), 1e-3) / to_hz(pitch))
    near = np.abs(cents) < 80
    return float(np.sum(cents[near] * magnitudes[near] ** 2) / np.sum(magnitudes[near] ** 2))
