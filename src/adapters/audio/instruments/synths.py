"""Subtractive synthesisers of the eighties: detuned sawtooths through a low-pass filter with an envelope."""

from adapters.audio.arrays import Floats
from adapters.audio.instruments.patch import Patch
from adapters.audio.instruments.unison import Envelope, UnisonTone, Vibrato, butterworth_gain


def filtered_saw(frequencies: Floats, closed: float, opened: float) -> tuple[Floats, Floats]:
    """Return the harmonics of a sawtooth through a low-pass filter with its two cutoffs, Hz."""
    saw = frequencies[0] / frequencies
    return saw * butterworth_gain(frequencies, closed, 2), saw * butterworth_gain(frequencies, opened, 2)


def _super(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    return filtered_saw(frequencies, 500 + 500 * velocity, 900 + 7000 * velocity)


def _lead(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    dark, bright = filtered_saw(frequencies, 700 + 1400 * velocity, 1500 + 7500 * velocity)
    dark[0], bright[0] = dark[0] * 1.5, bright[0] * 1.5  # the fundamental carries the melody
    return dark, bright


def _pulse(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    dark, bright = filtered_saw(frequencies, 300 + 500 * velocity, 1200 + 8000 * velocity)
    dark[1::2] *= 0.35  # between a sawtooth and a square
    bright[1::2] *= 0.35
    return dark, bright


def _bass(frequencies: Floats, velocity: float) -> tuple[Floats, Floats]:
    dark, bright = filtered_saw(frequencies, 120 + 120 * velocity, 300 + 2300 * velocity)
    dark[0], bright[0] = dark[0] * 1.6, bright[0] * 1.6
    return dark, bright


SUPERSAW = Patch(
    tone=UnisonTone(
        spectrum=_super,
        detune=(0.0, -3.4, 3.4, -11.0, 11.0, -19.0, 19.0),
        width=0.9,
        brightness=Envelope(0.25, 0.05, 0.45, 1.6),
        schroeder_phases=False,
    ),
    attack=0.02,
    release=0.3,
    variations=2,
    level_db=-21.2,
)

LEAD_SYNTH = Patch(
    tone=UnisonTone(
        spectrum=_lead,
        detune=(0.0, -5.0, 5.0),
        scatter=0.2,
        width=0.4,
        vibrato=Vibrato(11, 5.5, 0.25),
        scoop=10,
        brightness=Envelope(0.4, 0.03, 0.6, 0.9),
        loudness=Envelope(1.0, 0.05, 0.85, 0.8),
        schroeder_phases=False,
    ),
    attack=0.008,
    release=0.16,
    variations=2,
    level_db=-20.6,
)

ARP_SYNTH = Patch(
    tone=UnisonTone(
        spectrum=_pulse,
        detune=(-4.0, 4.0),
        scatter=0.25,
        width=0.6,
        brightness=Envelope(0.6, 0.004, 0.05, 0.5),
        loudness=Envelope(1.0, 0.004, 0.12, 0.9),
        schroeder_phases=False,
    ),
    attack=0.003,
    release=0.14,
    variations=2,
    level_db=-14.7,
)

SYNTH_BASS = Patch(
    tone=UnisonTone(
        spectrum=_bass,
        scatter=0.0,
        brightness=Envelope(0.7, 0.006, 0.1, 0.6),
        loudness=Envelope(1.0, 0.01, 0.7, 1.2),
        schroeder_phases=False,
    ),
    attack=0.004,
    release=0.06,
    variations=2,
    level_db=-16.5,
)
