"""Struck and plucked instruments: modal synthesis, plus the noise of the hammer or finger.

Piano inharmonicity: Rauhala, Lehtonen & Välimäki, "Fast automatic inharmonicity estimation algorithm", JASA 2007.
Bars: Fletcher & Rossing, ch. 19 (tuned bars 1 : 4 : 10, free bars 1 : 2.76 : 5.40).
"""

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.signals import (
    CEILING_HZ,
    band_noise,
    butterworth_sos,
    control_times,
    exponential_decay,
    interpolate_blocks,
    sum_of_decaying_sines,
)
from domain.music.theory.pitch import to_hz


class StrikeNoise(msgspec.Struct, frozen=True):
    """The noise of the hammer or finger: band in Hz, seconds to −60 dB, level 0..1 at full velocity."""

    low: float
    high: float
    seconds: float
    level: float

    def add_to(self, sound: Stereo, velocity: float, rng: np.random.Generator, high_pass: float = 0.0) -> Stereo:
        """Add the noise to a sound in place, partly decorrelated between the channels; return the sound."""
        size = min(sound.shape[1], int(self.seconds * SAMPLE_RATE))
        fading = exponential_decay(size, self.seconds) * np.float32(self.level * velocity)
        shared = 0.8 * band_noise(size, self.low, self.high, rng)
        for channel in sound:
            burst = (shared + 0.4 * band_noise(size, self.low, self.high, rng)) * fading
            if high_pass:
                burst = signal.sosfilt(butterworth_sos(2, high_pass, "highpass"), burst)
            channel[:size] += burst
        return sound


class TunedBar(msgspec.Struct, frozen=True, kw_only=True):
    """A bar or tine: a few partials, with optional tremolo and auto-pan.

    Attributes:
        partials: (frequency ratio, amplitude, added amplitude at full velocity, seconds to −60 dB at C5).
        tremolo_hz: Rate of the auto-pan of depth `sway` and the tremolo of depth `pulse`.
        high_pass: Cutoff in Hz that removes rumble below its notes; 0 for none.
    """

    partials: tuple[tuple[float, float, float, float], ...]
    strike: StrikeNoise
    tremolo_hz: float = 0.0
    sway: float = 0.0
    pulse: float = 0.0
    high_pass: float = 0.0

    def __call__(self, pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
        """Play a tone; see `patch.Tone`."""
        ratio, base, added, seconds = np.array(self.partials).T
        amplitude = base + added * velocity**1.5
        amplitude = amplitude / np.sqrt(np.sum(amplitude**2))
        decays = seconds * 2 ** ((72 - pitch) / 24)
        sides = 1 + 0.12 * rng.uniform(-1, 1, (2, len(ratio)))
        out = sum_of_decaying_sines(
            to_hz(pitch) * ratio, decays, amplitude * sides, np.zeros(len(ratio)), length, high_pass=self.high_pass
        )
        self.strike.add_to(out, velocity, rng, self.high_pass)
        if self.tremolo_hz:
            swing = np.sin(2 * np.pi * (self.tremolo_hz * control_times(length) + rng.random()))
            for channel, side in enumerate((-1, 1)):
                out[channel] *= interpolate_blocks(1 + (self.pulse + side * self.sway) * swing, length)
        return out


def _piano(pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
    fundamental = to_hz(pitch)
    stiffness = np.exp(0.0926 * pitch - 13.64) + np.exp(-0.0847 * pitch - 5.82)
    order = np.arange(1.0, min(36, int(CEILING_HZ / fundamental)) + 1)
    frequencies = fundamental * order * np.sqrt((1 + stiffness * order**2) / (1 + stiffness))
    amplitude = _strike_point_gains(order, 1 / 8.3) * order**-0.8 * np.exp(-frequencies / (900 + 4200 * velocity**1.5))
    seconds: Floats = 11.0 * 2 ** ((48 - pitch) / 20) / (1 + 0.18 * order)
    return _HAMMER.add_to(
        _two_stage_decay(frequencies, seconds, amplitude, length, rng), velocity, rng, _PIANO_HIGH_PASS
    )


def _strike_point_gains(order: Floats, place: float) -> Floats:
    """Return the excitation of each partial by a strike at a fraction of the string's length."""
    return np.asarray(0.15 + np.abs(np.sin(np.pi * order * place)))


def _two_stage_decay(
    frequencies: Floats, seconds: Floats, amplitude: Floats, length: int, rng: np.random.Generator
) -> Stereo:
    """Return a piano string's two-stage decay: a fast prompt sound and a slow, beating aftersound (Weinreich 1977)."""
    amplitude = amplitude / np.sqrt(np.sum(amplitude**2))
    beating = 2 ** (rng.uniform(-0.6, 0.6, len(frequencies)) / 1200)
    sides = 1 + 0.25 * rng.uniform(-1, 1, (2, 2 * len(frequencies)))
    return sum_of_decaying_sines(
        np.concatenate([frequencies, frequencies * beating]),
        np.concatenate([0.35 * seconds, seconds]),
        np.concatenate([0.75 * amplitude, 0.3 * amplitude]) * sides,
        np.zeros(2 * len(frequencies)),
        length,
        high_pass=_PIANO_HIGH_PASS,
    )


def _upright(pitch: int, velocity: float, length: int, rng: np.random.Generator) -> Stereo:
    order = np.arange(1.0, 25.0)
    frequencies = to_hz(pitch) * order * np.sqrt((1 + 8e-5 * order**2) / (1 + 8e-5))
    body = 1 + 0.8 * np.exp(-0.5 * (np.log2(frequencies / 105) / 0.5) ** 2)
    amplitude = body * _strike_point_gains(order, 0.22) * order**-0.9 * np.exp(-frequencies / (350 + 900 * velocity))
    seconds: Floats = 3.2 * 2 ** ((36 - pitch) / 24) / (1 + 0.25 * (order - 1))
    amplitude = amplitude / np.sqrt(np.sum(amplitude**2))
    out = sum_of_decaying_sines(
        frequencies, seconds, amplitude[None], np.zeros(24), length, high_pass=_UPRIGHT_HIGH_PASS
    )
    return _FINGER.add_to(out.repeat(2, axis=0), velocity, rng, _UPRIGHT_HIGH_PASS)


_HAMMER = StrikeNoise(90, 1600, 0.09, 0.10)
_FINGER = StrikeNoise(180, 1400, 0.06, 0.14)
_PIANO_HIGH_PASS, _UPRIGHT_HIGH_PASS = 45.0, 30.0

PIANO = Patch(tone=_piano, release=0.22, level_db=-13.4)

CELESTA = Patch(
    tone=TunedBar(
        partials=((1.0, 1.0, 0.0, 2.2), (2.76, 0.05, 0.06, 0.6), (4.0, 0.12, 0.15, 1.0), (5.4, 0.02, 0.08, 0.25)),
        strike=StrikeNoise(1500, 6000, 0.03, 0.05),
    ),
    release=0.6,
    level_db=-12.4,
)

ELECTRIC_PIANO = Patch(
    tone=TunedBar(
        partials=(
            (1.0, 1.0, 0.0, 3.6),
            (2.0, 0.12, 0.35, 2.4),
            (3.0, 0.05, 0.28, 1.6),
            (4.0, 0.02, 0.14, 1.1),
            (5.0, 0.0, 0.09, 0.8),
            (7.06, 0.03, 0.12, 0.35),
            (13.4, 0.01, 0.05, 0.12),
        ),
        strike=StrikeNoise(300, 1800, 0.04, 0.05),
        tremolo_hz=4.3,
        sway=0.22,
        high_pass=70,
    ),
    attack=0.003,
    release=0.2,
    level_db=-15.3,
)

VIBRAPHONE = Patch(
    tone=TunedBar(
        partials=((1.0, 1.0, 0.0, 6.5), (3.98, 0.08, 0.22, 1.1), (9.9, 0.01, 0.07, 0.25)),
        strike=StrikeNoise(800, 3500, 0.03, 0.04),
        tremolo_hz=5.2,
        sway=0.06,
        pulse=0.16,
    ),
    release=0.5,
    level_db=-15.8,
)

UPRIGHT_BASS = Patch(tone=_upright, attack=0.003, release=0.12, level_db=-12.0)
