"""Beat maps: when each beat sounds, in a hum or in a piece, at a tempo that may change."""

from bisect import bisect_right
from math import floor
from typing import NamedTuple


class BeatMap(NamedTuple):
    """The seconds of beats, ascending, at least two; beats before and after them are as long as those at the ends."""

    times: tuple[float, ...]

    def beat(self, seconds: float) -> float:
        """Return the place, in beats from the first one, of a time."""
        index = min(max(bisect_right(self.times, seconds) - 1, 0), len(self.times) - 2)
        start, end = self.times[index], self.times[index + 1]
        return index + (seconds - start) / (end - start)

    def time(self, beat: float) -> float:
        """Return the seconds of a place in beats."""
        index = min(max(floor(beat), 0), len(self.times) - 2)
        start, end = self.times[index], self.times[index + 1]
        return start + (beat - index) * (end - start)
