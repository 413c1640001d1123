"""Compares the instruments that a SoundFont plays with the synthesised ones that they replace (docs/music.md).

Held notes of two seconds at velocity 0.8, every third key of two octaves in the middle of the register.

    python -m training.sampled_instruments path/to/set.sf3
"""

import sys
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.instruments import PATCHES
from adapters.audio.instruments.patch import Patch
from adapters.audio.sampling.patches import patches_of
from adapters.audio.sampling.programs import SAMPLED
from adapters.audio.sampling.soundfont import find_soundfont
from domain.music.instruments import Instrument
from domain.music.theory.pitch import to_hz
from tests.support.instrument_measures import centroid, momentary, pitch_error

SECONDS: Final = 2.0
HARMONICS: Final = np.arange(1, 9)
FRAME: Final = 4096
HOP: Final = 1024


class Measures(NamedTuple):
    """Of one instrument.

    Attributes:
        attack: Milliseconds from a tenth to nine tenths of the loudest level.
        movement: Decibels by which harmonics rise and fall while the note is held: beating, vibrato, bow and breath.
        variety: Decibels by which the harmonics of a key differ from those three keys higher.
        centroid: Hertz.
        unevenness: Loudness units between the loudest and the softest key.
        cents: The greatest distance from the written pitch.
    """

    attack: float
    movement: float
    variety: float
    centroid: float
    unevenness: float
    cents: float


def measured(patch: Patch, instrument: Instrument) -> Measures:
    """Return what is measured on the keys of an instrument."""
    middle = (instrument.low + instrument.high) // 2
    pitches = range(max(middle - 12, instrument.low), min(middle + 12, instrument.high) + 1, 3)
    notes = {pitch: _note(patch, pitch) for pitch in pitches}
    harmonics = [_harmonics(note, to_hz(pitch)) for pitch, note in notes.items()]
    profiles = np.array([levels.mean(axis=1) - levels.mean() for levels in harmonics])
    loudness = [momentary(note) for note in notes.values()]
    return Measures(
        attack=float(np.median([_attack(note) for note in notes.values()])),
        movement=float(np.mean([signal.detrend(levels, axis=1).std(axis=1).mean() for levels in harmonics])),
        variety=float(np.abs(np.diff(profiles, axis=0)).mean()),
        centroid=float(np.median([centroid(note) for note in notes.values()])),
        unevenness=max(loudness) - min(loudness),
        cents=max(abs(pitch_error(note[:, SAMPLE_RATE // 4 :], pitch)) for pitch, note in notes.items()),
    )


def _note(patch: Patch, pitch: int) -> Stereo:
    take = patch.render_take(pitch, 0.8, patch.length(SECONDS), np.random.default_rng(1))
    return patch.cut_note(take, SECONDS)[:, : round(SECONDS * SAMPLE_RATE)]


def _harmonics(note: Stereo, fundamental: float) -> Floats:
    """Return the levels in dB of the first harmonics from 0.3 s on, shape (8, frames)."""
    frequencies, _, spectra = signal.stft(note.mean(axis=0), SAMPLE_RATE, nperseg=FRAME, noverlap=FRAME - HOP)
    bins = np.searchsorted(frequencies, np.minimum(HARMONICS * fundamental, 0.4 * SAMPLE_RATE))
    power = np.abs(spectra) ** 2
    around = sum(power[np.minimum(bins + shift, len(power) - 1)] for shift in (-2, -1, 0, 1))
    levels = 10 * np.log10(np.asarray(around) + 1e-12)[:, round(0.3 * SAMPLE_RATE / HOP) : -4]
    return np.asarray(np.maximum(levels, levels.max() - 60), np.float64)


def _attack(note: Stereo) -> float:
    power = np.sum(note**2, axis=0)
    frame = round(0.005 * SAMPLE_RATE)
    level = np.sqrt(power[: len(power) // frame * frame].reshape(-1, frame).mean(axis=1))
    low, high = (int(np.argmax(level >= share * level.max())) for share in (0.1, 0.9))
    return 5.0 * (high - low)


def main() -> None:
    """Print the measures of each instrument, ours before the set's."""
    sampled = patches_of(find_soundfont(Path(sys.argv[1])))
    print(f"{'instrument':<14}{''.join(f'{name:>22}' for name in Measures._fields)}")
    for instrument in SAMPLED:
        both = zip(measured(PATCHES[instrument], instrument), measured(sampled[instrument], instrument), strict=True)
        cells = [f"{ours:.1f} → {theirs:.1f}" for ours, theirs in both]
        print(f"{instrument:<14}{''.join(f'{cell:>22}' for cell in cells)}")


if __name__ == "__main__":
    main()
