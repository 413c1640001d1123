"""What a musician is told about how long it will take."""

from uuid import UUID

import pytest

from application.moments.forecast import REMEMBERED_SECONDS, UNSEEN_SECONDS, Forecast, Forecasts
from application.ports.backlog import LONGEST_LINE, Backlog, Pace
from application.ports.jobs import DatabaseUnavailable, JobView, Standing
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId
from tests.support.jobs import a_job

pytestmark = pytest.mark.anyio

PREVIEW, SONG = OutputKind.PREVIEW, OutputKind.SONG
PACES = {PREVIEW: Pace(4.0, slots=2), SONG: Pace(20.0, slots=2)}


class ABacklog:
    """A backlog that tests write."""

    def __init__(self, backlog: Backlog) -> None:
        self.backlog: Backlog | None = backlog
        self.reads = 0

    async def read(self) -> Backlog:
        self.reads += 1
        if self.backlog is None:
            raise DatabaseUnavailable("down")
        return self.backlog

    async def count_waiting(self, most: int, client: str = "") -> int:
        return min(len(self.backlog.waiting) if self.backlog and not client else 0, most)


def an_id(number: int) -> JobId:
    return JobId(UUID(int=number))


def line(*kinds: OutputKind) -> tuple[tuple[JobId, OutputKind], ...]:
    return tuple((an_id(number), kind) for number, kind in enumerate(kinds))


def a_view(number: int, standing: Standing = Standing.WAITING, progress: float = 0.0) -> JobView:
    return JobView(a_job(an_id(number)), progress, "", standing)


@pytest.mark.parametrize(
    ("running", "ahead", "eta"),
    [
        (0, [], 4.0),  # at once
        (1, [], 4.0),  # in the other slot
        (2, [], 6.0),  # after two that are half done, in two slots
        (2, [SONG, PREVIEW], 18.0),  # (20 + 4 + 2 · 2) / 2 + 4
    ],
)
async def test_a_job_waits_for_those_before_it(running: int, ahead: list[OutputKind], eta: float) -> None:
    forecasts = Forecasts(ABacklog(Backlog(line(*ahead, PREVIEW), running, PACES)))
    assert await forecasts(a_view(len(ahead))) == Forecast(len(ahead), eta)


async def test_nothing_is_said_of_what_nobody_can_know() -> None:
    unknown = {PREVIEW: Pace(4.0, slots=2), SONG: Pace(None, slots=2)}
    forecasts = Forecasts(ABacklog(Backlog(line(SONG, PREVIEW), 0, unknown)))
    assert await forecasts(a_view(1)) == Forecast(1, None)
    assert await forecasts(a_view(1, Standing.ENDED)) == Forecast()
    assert await forecasts(a_view(1, Standing.DELAYED)) == Forecast()
    nobody = Forecasts(ABacklog(Backlog(line(PREVIEW), 0, {PREVIEW: Pace(4.0, slots=0)})))
    assert await nobody(a_view(0)) == Forecast(0, None)


async def test_what_is_paused_is_not_in_the_line() -> None:
    paces = PACES | {SONG: Pace(20.0, slots=2, paused=True)}
    forecasts = Forecasts(ABacklog(Backlog(line(SONG, SONG, PREVIEW), 0, paces)))
    assert await forecasts(a_view(2)) == Forecast(0, 4.0)
    song = JobView(a_job(an_id(0), kind=SONG), 0.0)
    assert await forecasts(song) == Forecast()


async def test_beyond_the_longest_line_the_position_is_a_bound_and_no_time_is_promised() -> None:
    forecasts = Forecasts(ABacklog(Backlog(line(*[PREVIEW] * LONGEST_LINE), 0, PACES)))
    assert await forecasts(a_view(LONGEST_LINE + 7)) == Forecast(LONGEST_LINE, None)


async def test_a_running_job_needs_what_is_left_of_the_usual_time() -> None:
    forecasts = Forecasts(ABacklog(Backlog((), 1, PACES)))
    assert await forecasts(a_view(0, Standing.RUNNING, progress=0.75)) == Forecast(None, 1.0)


async def test_one_look_serves_everybody_for_a_second_even_if_it_failed() -> None:
    now, backlog = 0.0, ABacklog(Backlog(line(PREVIEW), 0, PACES))
    forecasts = Forecasts(backlog, lambda: now)
    for _ in range(3):
        assert (await forecasts(a_view(0))).queue_position == 0
    assert backlog.reads == 1
    now, backlog.backlog = REMEMBERED_SECONDS, None
    for _ in range(3):
        assert await forecasts(a_view(0)) == Forecast(0, None)  # the line is not known, either
    assert backlog.reads == 2


async def test_a_job_that_came_after_the_look_is_looked_for_at_once() -> None:
    now, backlog = 0.0, ABacklog(Backlog(line(SONG, SONG), 0, PACES))
    forecasts = Forecasts(backlog, lambda: now)
    assert await forecasts(a_view(0)) == Forecast(0, 4.0)
    assert (await forecasts(a_view(2))).queue_position == 2  # behind all that are known, for a tenth of a second
    backlog.backlog = Backlog(((an_id(2), PREVIEW), *line(SONG, SONG)), 0, PACES)
    now = UNSEEN_SECONDS
    assert await forecasts(a_view(2)) == Forecast(0, 4.0)
    assert (await forecasts(a_view(0))).queue_position == 1
    assert backlog.reads == 2
