"""Pace: how long each bar of a hum is, where the singer takes their time.

A singer hurries and lingers inside a phrase and waits between phrases. The band follows the first, bar by bar, and the
second only as far as a fermata goes; a hum that is steady but for noise is played in one tempo.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from domain.music.hum import Analysis
from domain.music.listening.rhythm import metrical_factor
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.meter import Meter

_STEADY: Final = 0.025  # share by which bars of a steady hum differ from the median
_LONGEST: Final = 1.25  # times the median: what is longer is a pause


def bar_pace(analysis: Analysis, tempo_bpm: float, meter: Meter, first_bar: float, bars: int) -> tuple[float, ...]:
    """Return the length of each bar of a theme, against the median; nothing where all are alike.

    Args:
        analysis: The hum; without beats it is steady.
        tempo_bpm: Of the theme, in which a beat may be half or twice one of the hum.
        meter: Of the theme.
        first_bar: The theme's first bar line, in beats of the theme from the hum's beat zero.
        bars: How many there are.
    """
    if len(analysis.beats) < 2:
        return ()
    beats, factor = BeatMap(analysis.beats), metrical_factor(analysis.tempo_bpm, tempo_bpm)
    lines = [beats.time((first_bar + bar * meter.bar) / factor) for bar in range(bars + 1)]
    return _audible([end - start for start, end in pairwise(lines)])


def _audible(lengths: Sequence[float]) -> tuple[float, ...]:
    usual = median(lengths)
    pace = tuple(min(_LONGEST, max(1 / _LONGEST, length / usual)) for length in lengths)
    return pace if max(abs(length - 1) for length in pace) > _STEADY else ()
