"""Read what became of the webhooks of a job."""

from collections.abc import Sequence
from typing import Final

from application.ports.jobs import JobRepository
from application.ports.webhooks import Delivery, WebhookDeliveries
from domain.jobs.job import JobId

SHOWN: Final = 100
"""How many deliveries are shown: the last ones. A run of a job has seven events at most."""


class ReadDeliveries:
    """Finds the deliveries of a job."""

    def __init__(self, jobs: JobRepository, deliveries: WebhookDeliveries) -> None:
        self._jobs = jobs
        self._deliveries = deliveries

    async def __call__(self, job_id: JobId) -> Sequence[Delivery]:
        """Return them, newest first.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: They cannot be read now.
        """
        await self._jobs.get(job_id)
        return await self._deliveries.of_job(job_id, SHOWN)
