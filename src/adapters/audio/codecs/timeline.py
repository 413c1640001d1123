"""Timestamps against the count of samples: pauses that a recorder left out become silence again."""

from typing import Final

GAP_SECONDS: Final = 0.1
"""Timestamps of recorders jitter by less; a pause is longer."""

DRIFT: Final = 0.05
"""Share of a deviation that is taken over with each frame: a recorder's clock may run away from its samples."""


class Timeline:
    """Tells pauses in a stream of frames from the jitter and the drift of their timestamps."""

    def __init__(self) -> None:
        self._origin: float | None = None

    def gap(self, stamp: float | None, heard: float) -> float:
        """Return the seconds of silence that belong before a frame.

        Args:
            stamp: The frame's timestamp in seconds, None if it has none.
            heard: Seconds of sound and silence before it.
        """
        if stamp is None:
            return 0.0
        if self._origin is None:
            self._origin = stamp - heard  # whatever comes before the first frame does not matter
        late = stamp - self._origin - heard
        if late > GAP_SECONDS:
            return late
        self._origin += late if late < -GAP_SECONDS else DRIFT * late  # a step back is a new clock
        return 0.0
