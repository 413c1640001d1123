"""How long a moment will still take, as far as that is known."""

import time
from collections.abc import Callable
from functools import cached_property
from math import inf
from typing import Final

import anyio
import msgspec

from application.ports.backlog import LONGEST_LINE, Backlog, BacklogReader, Pace
from application.ports.jobs import DatabaseUnavailable, JobView, Standing
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId

REMEMBERED_SECONDS: Final = 1.0
"""For how long a process forecasts from one look at the backlog."""

UNSEEN_SECONDS: Final = 0.1
"""After which it looks again for a job that came since: it may stand anywhere in the line."""


class Forecast(msgspec.Struct, frozen=True):
    """When a moment will be there.

    Attributes:
        queue_position: How many jobs would be claimed before this one; `LONGEST_LINE` means so many or more. Absent
            unless it waits for its turn.
        eta_seconds: Seconds until it is there; absent where too little is known.
    """

    queue_position: int | None = None
    eta_seconds: float | None = None


NOTHING_KNOWN: Final = Forecast()


class _Outlook:
    """What one look at the backlog says about any job."""

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog

    def of(self, view: JobView) -> Forecast:
        pace = self._backlog.paces.get(view.job.request.output_kind, Pace())
        if view.standing is Standing.RUNNING:
            return Forecast(None, _rounded(pace.seconds, 1 - view.progress))
        if view.standing is not Standing.WAITING or pace.paused:
            return NOTHING_KNOWN
        position = self._positions.get(view.job.id, len(self._claimable))  # not seen: behind all that were
        return Forecast(position, self._eta(position, pace))

    def lacks(self, view: JobView) -> bool:
        """Return whether a job waits that came after the look; of a line that was cut, nobody can tell."""
        if view.standing is not Standing.WAITING or len(self._backlog.waiting) >= LONGEST_LINE:
            return False
        return view.job.id not in self._seen

    @cached_property
    def _seen(self) -> frozenset[JobId]:
        return frozenset(job_id for job_id, _ in self._backlog.waiting)

    @cached_property
    def _claimable(self) -> list[tuple[JobId, OutputKind]]:
        paces = self._backlog.paces
        return [(job_id, kind) for job_id, kind in self._backlog.waiting if not paces.get(kind, Pace()).paused]

    @cached_property
    def _positions(self) -> dict[JobId, int]:
        return {job_id: position for position, (job_id, _) in enumerate(self._claimable)}

    @cached_property
    def _work_before(self) -> list[float | None]:
        """By position, the seconds of work in the jobs that are claimed before; None from the first unknown one on."""
        sums: list[float | None] = [0.0]
        for _, kind in self._claimable:
            before, own = sums[-1], self._backlog.paces.get(kind, Pace()).seconds
            sums.append(None if before is None or own is None else before + own)
        return sums

    def _eta(self, position: int, pace: Pace) -> float | None:
        before = self._work_before[position]
        if pace.seconds is None or before is None or not pace.slots or position >= LONGEST_LINE:
            return None
        if position < pace.slots - self._backlog.running:
            return _rounded(pace.seconds)
        half_done = self._backlog.running * pace.seconds / 2  # running jobs are, on the average
        return _rounded((before + half_done) / pace.slots + pace.seconds)


def _rounded(seconds: float | None, part: float = 1.0) -> float | None:
    return None if seconds is None else round(seconds * max(part, 0.0), 1)


class Forecasts:
    """Forecasts for all statuses that this process reads, from one look at the backlog a second."""

    def __init__(self, backlog: BacklogReader, clock: Callable[[], float] = time.monotonic) -> None:
        self._backlog = backlog
        self._clock = clock
        self._looking = anyio.Lock(fast_acquire=True)
        self._looked_at = -inf
        self._outlook = _Outlook(Backlog())

    async def __call__(self, view: JobView) -> Forecast:
        """Return the forecast for a job; nothing is known of one that has ended, or while the backlog is unreadable."""
        if view.standing in {Standing.ENDED, Standing.DELAYED}:
            return NOTHING_KNOWN
        async with self._looking:
            since = self._clock() - self._looked_at
            if since >= REMEMBERED_SECONDS or (since >= UNSEEN_SECONDS and self._outlook.lacks(view)):
                await self._look()
        return self._outlook.of(view)

    async def _look(self) -> None:
        try:
            self._outlook = _Outlook(await self._backlog.read())
        except DatabaseUnavailable:
            self._outlook = _Outlook(Backlog())
        self._looked_at = self._clock()
