"""Treble and width of the sections: choruses are brighter and wider than verses, and the bass is in the middle.

Sides are what the channels differ by, (left − right) / 2. Below 120 Hz there are none: big loudspeakers are mono there,
and a needle would jump (Owsinski, "The Mixing Engineer's Handbook", 2017).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.mix import dynamics
from adapters.audio.mix.section_levels import GAIN_BLOCK, section_gains
from adapters.audio.side_by_side import side_by_side
from application.ports.mastering import SectionMix

_MONO_BELOW_HZ: Final = 120.0
_TREBLE_FROM_HZ: Final = 1800.0


def colour_sections(mix: Stereo, sections: Sequence[SectionMix]) -> None:
    """Give each section its treble and its width in place; what follows the last has those of the last.

    Args:
        mix: At `SAMPLE_RATE`.
        sections: In order, each from where the one before ends; with none, nothing changes.
    """
    if not sections:
        return
    treble = section_gains(mix.shape[1], sections, np.array([section.treble_db for section in sections]))
    width = section_gains(mix.shape[1], sections, np.array([section.side_db for section in sections]))
    middle, side = (mix[0] + mix[1]) / 2, (mix[0] - mix[1]) / 2
    side = _high_passed(side, _MONO_BELOW_HZ, 2)
    dynamics.apply_block_gains(side[None], width, GAIN_BLOCK)

    def brighten(sound: Mono) -> None:
        tops = _high_passed(sound, _TREBLE_FROM_HZ, 1)
        dynamics.apply_block_gains(tops[None], treble - 1, GAIN_BLOCK)
        np.add(sound, tops, out=sound)

    side_by_side(brighten, [middle, side], len(middle))
    np.add(middle, side, out=mix[0])
    np.subtract(middle, side, out=mix[1])


def _high_passed(sound: Mono, hertz: float, order: int) -> Mono:
    sos = signal.butter(order, hertz, "highpass", fs=SAMPLE_RATE, output="sos").astype(np.float32)
    return np.asarray(signal.sosfilt(sos, sound), np.float32)
