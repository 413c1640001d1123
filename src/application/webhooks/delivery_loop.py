"""The loop of deliveries: every worker claims and sends some, beside its jobs and independently of them."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

import anyio
import anyio.abc

from application.ports.webhooks import ClaimedDelivery, DeliveryQueue
from application.webhooks.deliver import Deliver
from domain.errors import MomentError
from domain.jobs.retry import jittered

SLOTS: Final = 32
"""Deliveries that a worker sends at the same time: they wait for others most of the time."""

LONGEST_POLL: Final = 1.0
"""Seconds between two claims at most; jittered down to half."""

GATHER_SECONDS: Final = 0.02
"""For which a claim waits after a delivery has ended: others end as well."""

TROUBLED_POLL: Final = 5.0
"""The same after a claim that failed."""

KEPT: Final = timedelta(days=30)
FORGET_SECONDS: Final = 600.0
FORGOTTEN_AT_ONCE: Final = 10_000
"""How long settled deliveries are kept, unless their job goes before; how often and how many are removed."""

RELEASE_SECONDS: Final = 2.0

log: Final = logging.getLogger(__name__)


class DeliveryLoop:
    """Sends what is due until it is cancelled.

    Args:
        queue: The deliveries of the fleet.
        deliver: Sends one.
        worker: The name of the worker.
        ownerless: Whether this worker has a secret for deliveries without an owner; without one it leaves them.
        chance: Uniform random numbers in [0, 1).
        poll: Seconds between two claims, at most.
    """

    def __init__(
        self,
        queue: DeliveryQueue,
        deliver: Deliver,
        *,
        worker: str,
        ownerless: bool,
        chance: Callable[[], float],
        poll: float = LONGEST_POLL,
    ) -> None:
        self._queue = queue
        self._deliver = deliver
        self._worker = worker
        self._ownerless = ownerless
        self._chance = chance
        self._poll = poll
        self._in_flight: dict[UUID, ClaimedDelivery] = {}
        self._ended = anyio.Event()

    async def run(self) -> None:
        """Work until cancelled; then give back what is still in flight."""
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._forget_forever)
                while True:
                    await self._wait(await self._claim(group))
        finally:
            with anyio.move_on_after(RELEASE_SECONDS, shield=True):
                await self._release()

    async def _claim(self, group: anyio.abc.TaskGroup) -> float:
        """Start what was claimed; return for how long to wait, unless a delivery ends before."""
        slots = SLOTS - len(self._in_flight)
        try:
            claims = await self._queue.claim(self._worker, slots, ownerless=self._ownerless) if slots else ()
        except MomentError as error:
            log.debug("cannot claim deliveries: %s", error)
            return TROUBLED_POLL
        except Exception:  # it must not stop the jobs of the same worker
            log.exception("deliveries cannot be claimed")
            return TROUBLED_POLL
        for claimed in claims:
            self._in_flight[claimed.id] = claimed
            group.start_soon(self._send, claimed)
        return self._poll

    async def _send(self, claimed: ClaimedDelivery) -> None:
        try:
            await self._deliver(claimed)
        except MomentError as error:
            log.debug("delivery %s is left to its lease: %s", claimed.id, error)
        except Exception:  # as above
            log.exception("delivery %s is left to its lease", claimed.id)
        if self._in_flight.get(claimed.id) is claimed:
            del self._in_flight[claimed.id]
        self._ended.set()

    async def _wait(self, longest: float) -> None:
        """Return when a delivery has ended, which may make room for the next one of its endpoint, or after a time."""
        with anyio.move_on_after(jittered(longest, self._chance())):
            await self._ended.wait()
            await anyio.sleep(GATHER_SECONDS)
        self._ended = anyio.Event()

    async def _forget_forever(self) -> None:
        while True:
            await anyio.sleep(jittered(FORGET_SECONDS, self._chance()))
            try:
                await self._queue.forget_old(KEPT, FORGOTTEN_AT_ONCE)
            except MomentError as error:
                log.debug("cannot forget old deliveries: %s", error)
            except Exception:  # as above
                log.exception("old deliveries cannot be forgotten")

    async def _release(self) -> None:
        try:
            await self._queue.release(list(self._in_flight.values()))
        except MomentError as error:  # their leases expire
            log.debug("cannot give back deliveries: %s", error)
