"""Deliver a webhook: one attempt, and what follows from its answer. Nothing of it ever touches the job."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, assert_never

from application.ports.jobs import JobNotFound
from application.ports.webhooks import ClaimedDelivery, DeliveryQueue, DeliveryState, WebhookSender
from domain.webhooks.attempts import MAX_ATTEMPTS, MAX_CLAIMS, Answer, Verdict, judge, pause_after, refusals

log: Final = logging.getLogger(__name__)

GONE: Final = "it answered 410"


class Deliver:
    """Sends what a worker has claimed.

    Args:
        queue: Where deliveries are settled.
        sender: Sends them.
        write: Writes their bodies.
        chance: Uniform random numbers in [0, 1).
    """

    def __init__(
        self,
        queue: DeliveryQueue,
        sender: WebhookSender,
        write: Callable[[ClaimedDelivery], Awaitable[str]],
        chance: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._sender = sender
        self._write = write
        self._chance = chance

    async def __call__(self, claimed: ClaimedDelivery) -> None:
        """Make an attempt and settle the delivery, or leave it for another one.

        Raises:
            JobUnreadable: A newer version wrote the job; a newer worker sends it once the lease has expired.
            DatabaseUnavailable: It is sent again once the lease has expired.
        """
        if claimed.attempt > MAX_CLAIMS:
            await self._give_up(claimed, claimed.log)
            return
        try:
            body = await self._write(claimed)
        except JobNotFound:  # deleted since: its deliveries go with it
            return
        answers = (*claimed.log, await self._sender.send(claimed, body))
        await self._settle(claimed, answers, judge(claimed.attempt, answers))

    async def _settle(self, claimed: ClaimedDelivery, answers: tuple[Answer, ...], verdict: Verdict) -> None:
        match verdict:
            case Verdict.DELIVERED:
                await self._queue.settle(claimed, DeliveryState.DELIVERED, answers)
            case Verdict.AGAIN:
                await self._again(claimed, answers)
            case Verdict.FAILED:
                await self._give_up(claimed, answers)
            case Verdict.GONE:
                await self._disable(claimed, GONE)  # before its place is free for another one
                await self._queue.settle(claimed, DeliveryState.DROPPED, answers)
            case Verdict.REFUSED:
                await self._refused(claimed, answers)
            case unknown:
                assert_never(unknown)

    async def _again(self, claimed: ClaimedDelivery, answers: tuple[Answer, ...]) -> None:
        pause = pause_after(claimed.attempt, self._chance())
        if await self._queue.settle(claimed, DeliveryState.PENDING, answers, pause) and claimed.attempt == 1:
            facts = claimed.id, claimed.job_id, claimed.place, answers[-1].error
            log.info("webhook %s of job %s to %s failed and is to be tried again: %s", *facts)

    async def _give_up(self, claimed: ClaimedDelivery, answers: tuple[Answer, ...]) -> None:
        if await self._queue.settle(claimed, DeliveryState.FAILED, answers):
            because = answers[-1].error if answers else "it was never sent"
            facts = claimed.id, claimed.job_id, claimed.place, claimed.attempt, because
            log.warning("webhook %s of job %s to %s is given up after %d attempts: %s", *facts)

    async def _refused(self, claimed: ClaimedDelivery, answers: tuple[Answer, ...]) -> None:
        """Disable the endpoint, unless others are delivered there: then settle as usual."""
        refused = refusals(claimed.attempt, answers)
        because = f"it refused a delivery {len(refused)} times in a row, at last with {refused[-1].status}"
        if await self._disable(claimed, because, refused[0]):
            await self._queue.settle(claimed, DeliveryState.DROPPED, answers)
        else:
            await (self._again if claimed.attempt < MAX_ATTEMPTS else self._give_up)(claimed, answers)

    async def _disable(self, claimed: ClaimedDelivery, because: str, since: Answer | None = None) -> bool:
        disabled = await self._queue.disable(claimed, because, since.at if since else None)
        if disabled:
            log.warning("the webhook endpoint %s of job %s is disabled: %s", claimed.place, claimed.job_id, because)
        return disabled
