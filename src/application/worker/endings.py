"""Why a job ends or an attempt does: the errors that no stage raises, which of several errors decides, and what is
remembered of an attempt."""

import logging
from datetime import timedelta
from typing import Final

from application.ports.queue import Claim, LeaseLost
from application.worker.claimed_job import ClaimedJob
from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.attempts import Attempt
from domain.jobs.faults import Fault, fault_of
from domain.jobs.transitions import AttemptEnded

log: Final = logging.getLogger(__name__)


class AttemptsExhausted(MomentError):
    """A job that lost too many workers."""

    code = "attempts_exhausted"

    def __init__(self, crashes: int) -> None:
        super().__init__(f"the moment failed in {crashes} attempts: its worker was lost each time")


class DeadlineExceeded(MomentError):
    """A job that was worked on for too long."""

    code = "deadline_exceeded"

    def __init__(self, timeout: timedelta) -> None:
        super().__init__(f"the moment was not finished within {timeout.total_seconds():g} s of work")


class JobExpired(MomentError):
    """A job that waited for too long, whatever for."""

    code = "expired"

    def __init__(self) -> None:
        super().__init__("the moment could not be made in time: something that it needs was away for too long")


def deciding_error(raised: Exception) -> MomentError:
    """Return the error that decides; in a group, a lost lease or a bad input outweighs the others."""
    errors = list(_leaves(raised))
    ranked = sorted(errors, key=lambda error: (not isinstance(error, LeaseLost), not _is_input(error)))
    if isinstance(ranked[0], MomentError):
        return ranked[0]
    log.error("unexpected error in a stage", exc_info=ranked[0])
    return MomentError(f"something went wrong on our side ({type(ranked[0]).__name__})")


def is_last(claim: Claim, error: MomentError) -> bool:
    """Return whether a job that failed by itself is not tried again."""
    ends = isinstance(error, JobExpired | AttemptsExhausted | DeadlineExceeded)
    return ends or claim.errors + 1 >= claim.max_attempts


def own_attempt(claimed: ClaimedJob, error: MomentError, *, counted: bool) -> AttemptEnded:
    """Return the event of an attempt that this worker gives up."""
    return _ended(claimed, claimed.claim.worker, error.code, error.message, counted=counted)


def lost_attempt(claimed: ClaimedJob) -> AttemptEnded:
    """Return the event of an attempt whose worker was lost."""
    return _ended(claimed, claimed.claim.lost_worker, "worker_lost", "the worker stopped responding", counted=True)


def _ended(claimed: ClaimedJob, worker: str, code: Code, message: str, *, counted: bool) -> AttemptEnded:
    return AttemptEnded(Attempt(at=claimed.clock(), worker=worker, code=code, message=message, counted=counted))


def _leaves(raised: BaseException) -> list[BaseException]:
    if isinstance(raised, BaseExceptionGroup):
        return [leaf for inner in raised.exceptions for leaf in _leaves(inner)]
    return [raised]


def _is_input(error: BaseException) -> bool:
    return isinstance(error, MomentError) and fault_of(error) is Fault.INPUT
