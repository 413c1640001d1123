"""The attempts to deliver a webhook: what answers mean, and when the next attempt is."""

from datetime import timedelta

import pytest

from domain.jobs.transitions import JobStatus
from domain.webhooks.attempts import DELAYS, JITTER, MAX_ATTEMPTS, REFUSALS, Answer, Verdict, judge, pause_after
from domain.webhooks.events import WebhookEvent
from tests.support.jobs import NOW


def answers(*statuses: int | None) -> list[Answer]:
    return [Answer(at=NOW, status=status) for status in statuses]


def test_every_state_has_its_event() -> None:
    assert [event.status for event in WebhookEvent] == list(JobStatus)


@pytest.mark.parametrize(
    ("attempt", "statuses", "verdict"),
    [
        (1, [200], Verdict.DELIVERED),
        (MAX_ATTEMPTS, [500, 204], Verdict.DELIVERED),
        (1, [500], Verdict.AGAIN),
        (1, [None], Verdict.AGAIN),
        (1, [302], Verdict.AGAIN),
        (1, [404], Verdict.AGAIN),
        (1, [410], Verdict.GONE),
        (REFUSALS, [404] * REFUSALS, Verdict.REFUSED),
        (REFUSALS, [404, 400, 401, 403, 422], Verdict.REFUSED),
        (1, [404] * (REFUSALS + 1), Verdict.AGAIN),  # it was sent again
        (REFUSALS, [404] * (REFUSALS - 1) + [429], Verdict.AGAIN),
        (REFUSALS + 1, [404, 404, 404, 500, 404, 404], Verdict.AGAIN),
        (MAX_ATTEMPTS, [500] * MAX_ATTEMPTS, Verdict.FAILED),
        (MAX_ATTEMPTS + 1, [None], Verdict.FAILED),
    ],
)
def test_what_an_answer_means(attempt: int, statuses: list[int | None], verdict: Verdict) -> None:
    assert judge(attempt, answers(*statuses)) is verdict


def test_ten_attempts_take_a_day() -> None:
    longest = sum((pause_after(attempt, 1.0) for attempt in range(1, MAX_ATTEMPTS)), timedelta(0))
    shortest = sum((pause_after(attempt, 0.0) for attempt in range(1, MAX_ATTEMPTS)), timedelta(0))
    assert MAX_ATTEMPTS == 10
    assert timedelta(hours=21) < shortest < timedelta(hours=24) < longest < timedelta(hours=27)


def test_a_pause_is_shorter_or_longer_by_chance() -> None:
    assert pause_after(1, 0.5) == timedelta(seconds=DELAYS[0])
    assert pause_after(1, 0.0) == timedelta(seconds=DELAYS[0] * (1 - JITTER))
    assert pause_after(100, 0.5) == timedelta(seconds=DELAYS[-1])
