"""Why a job ends or an attempt does: the errors that no stage raises, which of several errors decides, and what is
remembered of an attempt."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from application.ports.queue import Claim, LeaseLost
from application.ports.tools import ToolFailed, ToolsLost
from application.worker.claimed_job import ClaimedJob
from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.attempts import Attempt
from domain.jobs.faults import Fault, fault_of
from domain.jobs.transitions import AttemptEnded

log: Final = logging.getLogger(__name__)


PAID_IN_VAIN: Final[frozenset[Code]] = frozenset({"result_invalid"})
"""Errors after which the next attempt would pay for the same music again: an operator decides (`moment jobs retry`)."""


class AttemptsExhausted(MomentError):
    """A job that lost too many workers."""

    code = "attempts_exhausted"

    def __init__(self, crashes: int) -> None:
        super().__init__(f"the moment failed in {crashes} attempts: its worker was lost each time")


class BreaksTools(MomentError):
    """A job that broke the music tools too often."""

    code = "breaks_tools"

    def __init__(self, breaks: int) -> None:
        super().__init__(f"the music tools broke down {breaks} times while they worked on the moment")


class DeadlineExceeded(MomentError):
    """A job that was worked on for too long."""

    code = "deadline_exceeded"

    def __init__(self, timeout: timedelta) -> None:
        super().__init__(f"the moment was not finished within {timeout.total_seconds():g} s of work")


class DeadlinePassed(MomentError):
    """A job that was not done by the deadline of its request."""

    code = "deadline_passed"

    def __init__(self, deadline: datetime) -> None:
        super().__init__(f"the moment was not ready by its deadline, {deadline.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")


class JobExpired(MomentError):
    """A job that waited for too long, whatever for."""

    code = "expired"

    def __init__(self) -> None:
        super().__init__("the moment could not be made in time: something that it needs was away for too long")


def deciding_error(raised: Exception) -> MomentError:
    """Return the error that decides; in a group, a lost lease, a bad input or lost tools outweigh the others."""
    decides = max(_leaves(raised), key=_weight)
    if isinstance(decides, MomentError):
        return decides
    log.error("unexpected error in a stage", exc_info=decides)
    return MomentError(f"something went wrong on our side ({type(decides).__name__})")


def is_last(claim: Claim, error: MomentError) -> bool:
    """Return whether a job that failed by itself is not tried again."""
    ends = isinstance(error, JobExpired | AttemptsExhausted | BreaksTools | DeadlineExceeded | DeadlinePassed)
    return ends or error.code in PAID_IN_VAIN or claim.errors + 1 >= claim.max_attempts


def asked_delay(error: MomentError) -> timedelta:
    """Return for how long a provider asked us not to call it."""
    return timedelta(seconds=error.retry_after if isinstance(error, ToolFailed) else 0.0)


def own_attempt(claimed: ClaimedJob, error: MomentError, *, counted: bool, seconds: float) -> AttemptEnded:
    """Return the event of an attempt that this worker gives up, after so many seconds of its last stage."""
    attempt = Attempt(
        at=claimed.clock(),
        worker=claimed.claim.worker,
        code=error.code,
        message=error.message,
        counted=counted,
        seconds=round(seconds, 1),
    )
    return AttemptEnded(attempt)


def lost_attempt(claimed: ClaimedJob) -> AttemptEnded:
    """Return the event of an attempt whose worker was lost."""
    message = "the worker stopped responding"
    return AttemptEnded(
        Attempt(at=claimed.clock(), worker=claimed.claim.lost_worker, code="worker_lost", message=message)
    )


def _leaves(raised: BaseException) -> list[BaseException]:
    if isinstance(raised, BaseExceptionGroup):
        return [leaf for inner in raised.exceptions for leaf in _leaves(inner)]
    return [raised]


def _weight(error: BaseException) -> tuple[bool, bool, bool]:
    is_input = isinstance(error, MomentError) and fault_of(error) is Fault.INPUT
    return isinstance(error, LeaseLost), is_input, isinstance(error, ToolsLost)
