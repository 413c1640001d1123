"""How a piece is to be mixed: what its score says of loudness and spectrum, for the mastering desk."""

from bisect import bisect_right
from typing import Final

from application.ports.mastering import MixPlan, SectionLevel
from domain.music.model import Score

_LEVELS: Final = ((0.0, -6.0), (0.25, -5.0), (0.4, -3.2), (0.55, -2.4), (0.8, -0.4), (1.0, 0.0))
"""Energy of a section, and its loudness against the fullest one, LU: linear between."""


def mix_plan(score: Score) -> MixPlan:
    """Return the plan for a score."""
    return MixPlan(
        seconds=score.duration + score.tail,
        sections=tuple(
            SectionLevel(start=span.start, end=span.start + span.duration, relative_db=_level(span.energy))
            for span in score.sections
        ),
        slope_db=score.space.slope_db,
        highest_hz=score.space.low_pass_hz,
    )


def _level(energy: float) -> float:
    upper = min(max(1, bisect_right(_LEVELS, (energy, 0.0))), len(_LEVELS) - 1)
    (low, soft), (high, loud) = _LEVELS[upper - 1 : upper + 1]
    return soft + (loud - soft) * (energy - low) / (high - low)
