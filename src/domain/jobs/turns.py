"""The order in which waiting jobs are claimed that were not begun: by turn, and every fourth by age.

A turn is a virtual time (start-time fair queueing). Each line, a kind of moments that is urgent or not, has a clock of
its own: it shows the turn of the next job. A new job gets this time, or that after the last job of its client,
whichever is later. So the jobs of one client stand one behind the other, those of different clients side by side, and
who was away neither saves up turns nor owes any. Urgent lines go before the others, previews before songs; every fourth
claim goes by age, whatever the line, so that nothing waits for ever.

Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996; the clock is that of its backlogged clients.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import Final, TypeVar

BY_AGE: Final = 4
"""Every so many claims of new jobs, one goes by age."""

T = TypeVar("T", bound=Hashable)


def interleaved(by_turn: Sequence[T], by_age: Sequence[T], claims: int) -> Iterator[T]:
    """Yield each job once, in the order of the claims.

    Args:
        by_turn: Jobs that have turns, in their order.
        by_age: The same and those that have none, oldest first.
        claims: How many new jobs were claimed before.
    """
    turns, ages, taken = iter(by_turn), iter(by_age), set[T]()

    def following(jobs: Iterator[T]) -> T | None:
        return next((job for job in jobs if job not in taken), None)

    while True:
        claims += 1
        first, second = (turns, ages) if claims % BY_AGE else (ages, turns)
        job = following(first)
        if job is None:
            job = following(second)
        if job is None:
            return
        taken.add(job)
        yield job
