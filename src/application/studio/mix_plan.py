"""How a piece is to be mixed: what its score says of loudness, spectrum and width, for the mastering desk."""

from bisect import bisect_right
from operator import itemgetter
from typing import Final

from application.ports.mastering import MixPlan, SectionMix
from domain.music.score import Score

_Curve = tuple[tuple[float, float], ...]
"""Energies of a section from 0 to 1, and decibels: linear between."""

_LEVELS: Final[_Curve] = ((0.0, -6.0), (0.25, -5.0), (0.4, -3.2), (0.55, -2.4), (0.8, -0.4), (1.0, 0.0))
_TREBLE: Final[_Curve] = ((0.0, -3.0), (0.5, -3.0), (0.8, 0.5), (1.0, 1.5))
_SIDES: Final[_Curve] = ((0.0, -2.0), (0.5, -1.5), (0.8, 0.5), (1.0, 1.0))


def mix_plan(score: Score) -> MixPlan:
    """Return the plan for a score."""
    return MixPlan(
        seconds=score.duration + score.tail,
        sections=tuple(
            SectionMix(
                start=span.start,
                end=span.start + span.duration,
                relative_db=_at(span.energy, _LEVELS),
                treble_db=_at(span.energy, _TREBLE),
                side_db=_at(span.energy, _SIDES),
            )
            for span in score.sections
        ),
        slope_db=score.space.slope_db,
        highest_hz=score.space.low_pass_hz,
    )


def _at(energy: float, curve: _Curve) -> float:
    upper = min(max(1, bisect_right(curve, energy, key=itemgetter(0))), len(curve) - 1)
    (low, soft), (high, loud) = curve[upper - 1 : upper + 1]
    return soft + (loud - soft) * (energy - low) / (high - low)
