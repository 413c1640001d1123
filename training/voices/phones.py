"""Telephones: what microphone, gain control and noise suppression do to a sound."""

from typing import Final

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import Floats
from training.voices.controls import HOP, RATE
from training.voices.singers import Split

TRAINED: Final = 600
EXCLUDED: Final = 200


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A telephone, by its number always the same one.

    Attributes:
        low_hz: High-pass corner; `high_hz` the low-pass corner.
        peaks: Resonances: Hz and dB.
        agc: Share of the level differences that gain control takes away; 0 without.
        agc_seconds: Its reaction time.
        clip_db: dB above which peaks are cut, over the typical level; 99 without.
        soft: Whether they are bent and not cut.
        gate_db: dB below the loud parts under which sound is muted; 99 without.
        suppression: Strength of spectral noise suppression; 0 without.
    """

    low_hz: float
    high_hz: float
    peaks: tuple[tuple[float, float], ...]
    agc: float
    agc_seconds: float
    clip_db: float
    soft: bool
    gate_db: float
    suppression: float


def random_phone(rng: np.random.Generator, split: Split) -> Phone:
    """Return one of the telephones of a split."""
    first, count = (0, TRAINED) if split is Split.TRAIN else (TRAINED, EXCLUDED)
    return phone(first + int(rng.integers(count)))


def phone(number: int) -> Phone:
    """Return the telephone with a number."""
    rng = np.random.default_rng([20_262, number])
    good = rng.random() < 0.5
    return Phone(
        low_hz=float(rng.uniform(40, 120) if good else rng.uniform(90, 320)),
        high_hz=float(rng.uniform(6500, 7700) if good else rng.uniform(3300, 7000)),
        peaks=tuple((float(np.exp(rng.uniform(np.log(150), np.log(6000)))), float(rng.uniform(-7, 7))) for _ in "123"),
        agc=float(rng.uniform(0.2, 0.8)) if rng.random() < 0.45 else 0.0,
        agc_seconds=float(np.exp(rng.uniform(np.log(0.03), np.log(0.8)))),
        clip_db=float(rng.uniform(3, 12)) if rng.random() < 0.25 else 99.0,
        soft=bool(rng.random() < 0.5),
        gate_db=float(rng.uniform(22, 40)) if rng.random() < 0.15 else 99.0,
        suppression=float(rng.uniform(0.5, 1.6)) if rng.random() < 0.3 else 0.0,
    )


def heard_by(device: Phone, sound: Floats) -> Floats:
    """Return what a telephone makes of a sound."""
    corners = [device.low_hz, device.high_hz]
    sound = signal.sosfilt(signal.butter(2, corners, "band", fs=RATE, output="sos"), sound)
    for hertz, decibels in device.peaks:
        sound = _peaked(sound, hertz, decibels)
    if device.agc:
        sound = _gain_controlled(sound, device)
    if device.clip_db < 99:
        sound = _clipped(sound, device)
    if device.suppression:
        sound = _suppressed(sound, device.suppression)
    return _gated(sound, device.gate_db) if device.gate_db < 99 else sound


def _peaked(sound: Floats, hertz: float, decibels: float) -> Floats:
    b, a = signal.iirpeak(hertz, 1.5, fs=RATE)
    return np.asarray(sound + (10 ** (decibels / 20) - 1) * signal.lfilter(b, a, sound))


def _envelope(sound: Floats, seconds: float) -> Floats:
    """Return the RMS per hop, smoothed."""
    count = len(sound) // HOP
    power = np.mean(sound[: count * HOP].reshape(count, HOP) ** 2, axis=1)
    pole = float(np.exp(-HOP / RATE / seconds))
    smoothed, _ = signal.lfilter([1 - pole], [1, -pole], power, zi=[power[:50].mean() * pole])
    return np.asarray(np.sqrt(smoothed) + 1e-7)


def _stretched(gain: Floats, size: int) -> Floats:
    return np.interp(np.arange(size), np.arange(len(gain)) * HOP + HOP / 2, gain)


def _gain_controlled(sound: Floats, device: Phone) -> Floats:
    envelope = _envelope(sound, device.agc_seconds)
    typical = float(np.percentile(envelope, 80))
    gain = np.minimum((typical / envelope) ** device.agc, 10.0)
    return sound * _stretched(gain, len(sound))


def _clipped(sound: Floats, device: Phone) -> Floats:
    ceiling = float(np.percentile(_envelope(sound, 0.02), 90)) * 10 ** (device.clip_db / 20)
    return np.asarray(np.tanh(sound / ceiling) * ceiling if device.soft else np.clip(sound, -ceiling, ceiling))


def _suppressed(sound: Floats, strength: float) -> Floats:
    """Spectral subtraction (Boll 1979) with a floor of −14 dB and its musical noise."""
    _, _, spectra = signal.stft(sound, RATE, nperseg=512, noverlap=256)
    size = np.abs(spectra)
    noise = np.percentile(size, 15, axis=1, keepdims=True) * 1.5 * strength
    kept = np.clip(1 - noise / (size + 1e-9), 0.2, 1)
    return np.asarray(signal.istft(spectra * kept, RATE, nperseg=512, noverlap=256)[1][: len(sound)])


def _gated(sound: Floats, gate_db: float) -> Floats:
    envelope = _envelope(sound, 0.02)
    threshold = float(np.percentile(envelope, 95)) * 10 ** (-gate_db / 20)
    opened = signal.lfilter([0.15], [1, -0.85], (envelope > threshold).astype(float))
    return sound * _stretched(0.05 + 0.95 * np.clip(opened, 0, 1), len(sound))
