"""A circuit breaker: what is away is left alone until it answers again.

Source: Nygard, "Release It!", 2nd edition, 2018, "Circuit Breaker".
"""

import logging
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from math import inf
from typing import Final

import anyio

from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.retry import jittered

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
"""Seconds between two probes, at first and at most; they double, jittered."""

FIRST_TRIAL_PAUSE: Final = 30.0
LONGEST_TRIAL_PAUSE: Final = 600.0
"""The same where there is no probe, and a job has to try."""

PROBE_SECONDS: Final = 10.0
"""How long a probe may take."""

FAILURES: Final = 5
"""So many failures in a row open the breaker although the probe succeeds: a full store still answers a ping."""

log: Final = logging.getLogger(__name__)


class State(Enum):
    """The state of a breaker."""

    CLOSED = auto()
    """It answers, as far as we know."""
    OPEN = auto()
    """It is away: nothing is begun that needs it, and it is probed now and then."""
    HALF_OPEN = auto()
    """It answered a probe: one job tries it."""


class CircuitBreaker:
    """Watches one dependency.

    Args:
        name: What it watches, as the log calls it.
        probe: Asks the dependency for a sign of life, without data of a job.
        silence: The code of a probe that gets no response.
        conclusive: Whether a probe that succeeds closes the breaker, without a job that tries.
        chance: Uniform random numbers in [0, 1).
        on_change: Called when the state changes.
        first_pause: Seconds before the first probe, at most.
        longest_pause: Seconds between two probes, at most.

    Attributes:
        error: What keeps it from being closed; None while it is.
    """

    def __init__(
        self,
        name: str,
        probe: Callable[[], Awaitable[None]],
        chance: Callable[[], float],
        on_change: Callable[[], None],
        *,
        silence: Code,
        conclusive: bool,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float,
    ) -> None:
        self.state = State.CLOSED
        self.error: MomentError | None = None
        self._name = name
        self._probe = probe
        self._chance = chance
        self._on_change = on_change
        self._longest_pause = longest_pause
        self._first_pause = min(first_pause, longest_pause)
        self._failures = 0
        self._pause = self._first_pause
        self._not_before = -inf
        self._opened_at = 0.0
        self._opened = anyio.Event()
        self._silence = silence
        self._conclusive = conclusive
        self._probing = anyio.Lock()

    async def check(self) -> MomentError | None:
        """Return what is wrong with the dependency, None if it is well; what is wrong opens the breaker."""
        async with self._probing:  # many jobs fail at once: the first one finds out
            if self.state is State.OPEN:
                return self.error
            error = await self._met()
        return self._open(error) if error else None

    def fail(self, error: MomentError, *, decides: bool = False, pause: float = 0.0) -> bool:
        """Note a failure that a probe did not confirm; return whether the breaker is open now.

        Args:
            error: The failure.
            decides: Whether it opens the breaker at once.
            pause: Seconds before which nothing is to be tried again.
        """
        self._failures += 1
        if decides or self.state is State.HALF_OPEN or self._failures >= FAILURES:
            self._not_before = anyio.current_time() + pause
            self._open(error)
        return self.state is State.OPEN

    def succeed(self) -> None:
        """Note a success: it closes a breaker that is half-open. An open one waits for its probe."""
        self._failures = 0
        if self.state is State.HALF_OPEN:
            self._close()

    async def run(self) -> None:
        """Probe while the breaker is open, until cancelled."""
        while True:
            await self._opened.wait()
            while self.state is State.OPEN:
                asked = max(self._not_before - anyio.current_time(), 0.0)
                await anyio.sleep(asked + jittered(self._pause, self._chance()))
                self._pause = min(2 * self._pause, self._longest_pause)
                if error := await self._met():
                    self.error = error
                elif self._conclusive:
                    self._close()
                else:
                    self._move(State.HALF_OPEN)
            self._opened = anyio.Event()

    async def _met(self) -> MomentError | None:
        """Return what a probe meets.

        A probe that fails in a way that nobody foresaw is a defect of ours, and neither a reason to end the worker nor
        to let jobs pay: as long as it does, the dependency counts as away.
        """
        try:
            with anyio.fail_after(PROBE_SECONDS):
                await self._probe()
        except TimeoutError:
            return MomentError(f"no response within {PROBE_SECONDS:g} s", code=self._silence)
        except MomentError as error:
            return error
        except Exception as error:
            if self.error is None or self.error.code != MomentError.code:  # once, not with each probe
                log.exception("%s: the probe has a defect", self._name)
            return MomentError(f"the probe has a defect ({type(error).__name__})")
        return None

    def _close(self) -> None:
        log.info("%s: well again after %.1f s", self._name, anyio.current_time() - self._opened_at)
        self.error, self._pause = None, self._first_pause
        self._move(State.CLOSED)

    def _open(self, error: MomentError) -> MomentError:
        self.error = error
        if self.state is State.CLOSED:
            self._opened_at = anyio.current_time()
            log.warning("%s: %s (%s); jobs that need it wait", self._name, error.message, error.code)
        if self.state is not State.OPEN:
            self._move(State.OPEN)
            self._opened.set()
        return error

    def _move(self, state: State) -> None:
        self.state = state
        self._on_change()
