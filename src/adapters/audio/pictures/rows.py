"""Time axes that break like lines of a page: a picture of any length stays legible, and its size is bounded."""

from math import ceil
from typing import Final, NamedTuple, Self

from adapters.audio.pictures.svg import LEFT, RIGHT

MOST_ROWS: Final = 6


class Row(NamedTuple):
    """A stretch of time across the picture, seconds."""

    start: float
    end: float

    def x(self, seconds: float) -> float:
        """Return the pixel of a time; what lies outside the row is at its border."""
        inside = min(max(seconds, self.start), self.end)
        return LEFT + (RIGHT - LEFT) * (inside - self.start) / max(self.end - self.start, 1e-9)

    def overlaps(self, start: float, end: float) -> bool:
        """Return whether some of a stretch of time lies in the row."""
        return start < self.end and end > self.start

    @classmethod
    def all_of(cls, duration: float, longest: float) -> list[Self]:
        """Return the rows of a duration: equally long, at most `longest` seconds unless there were too many."""
        count = min(max(1, ceil(duration / longest - 1e-6)), MOST_ROWS)
        return [cls(duration * index / count, duration * (index + 1) / count) for index in range(count)]
