"""Loudness of the sections against each other: a song that moves is quieter in its verses than in its choruses.

Source: loudness range and macro-dynamics as EBU Tech 3342 describes them; the plan's figures are those of
`docs/music.md`.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import ndimage

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.mix import dynamics, loudness
from application.ports.mastering import SectionMix

_MOST_DB: Final = 9.0
"""A section is made louder or softer by so much at most: beyond, noise comes up."""

_BLOCKS_PER_SECOND: Final = 20
GAIN_BLOCK: Final = SAMPLE_RATE // _BLOCKS_PER_SECOND
_HOPS_PER_SECOND: Final = 10  # of `loudness.hop_energies`
_SMOOTHED: Final = 5  # blocks over which a level changes, around the border
_SILENT: Final = 1e-7


def level_sections(mix: Stereo, levels: Sequence[SectionMix]) -> Floats:
    """Bring the sections to their levels in place; the loudest keeps its own, and what follows them that of the last.

    Return `loudness.hop_energies` of the result, which follow from those before: gains change slowly.

    Args:
        mix: At `SAMPLE_RATE`.
        levels: In order, each from where the one before ends.
    """
    energies = loudness.hop_energies(mix, SAMPLE_RATE)
    if not levels:
        return energies
    heard = np.array([_loudness(energies, level) for level in levels])
    wanted = np.array([level.relative_db for level in levels])
    loudest = int(np.argmax(wanted))
    gains = np.clip((wanted - wanted[loudest]) - (heard - heard[loudest]), -_MOST_DB, _MOST_DB)
    by_block = section_gains(mix.shape[1], levels, gains)
    dynamics.apply_block_gains(mix, by_block, GAIN_BLOCK)
    middles = by_block[1 : 2 * len(energies) : 2]  # a hop has two blocks
    return energies * np.square(middles)


def _loudness(energies: Floats, level: SectionMix) -> float:
    """Return the ungated loudness of a section, dB."""
    first, last = round(level.start * _HOPS_PER_SECOND), round(level.end * _HOPS_PER_SECOND)
    heard = energies[first : max(last, first + 1)]
    return float(10 * np.log10(max(float(heard.sum()) / max(1, len(heard)), _SILENT)))


def section_gains(size: int, sections: Sequence[SectionMix], decibels: Floats) -> Floats:
    """Return the gain at the start of each block, which changes within a quarter of a second around a border.

    Args:
        size: Samples of the mix.
        sections: In order.
        decibels: One number for each of them.
    """
    starts = np.array([section.start for section in sections])
    count = max(1, size // GAIN_BLOCK)
    times = np.arange(count) / _BLOCKS_PER_SECOND
    steps = decibels[np.clip(np.searchsorted(starts, times, side="right") - 1, 0, len(sections) - 1)]
    return np.asarray(10 ** (ndimage.uniform_filter1d(steps, _SMOOTHED, mode="nearest") / 20))
