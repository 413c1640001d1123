"""Send a webhook again that was delivered or given up."""

from uuid import UUID

from application.ports.jobs import JobRepository
from application.ports.webhooks import Delivery, WebhookDeliveries
from domain.jobs.job import JobId


class Redeliver:
    """Lets a delivery be tried again, with all its attempts."""

    def __init__(self, jobs: JobRepository, deliveries: WebhookDeliveries) -> None:
        self._jobs = jobs
        self._deliveries = deliveries

    async def __call__(self, job_id: JobId, delivery_id: UUID) -> Delivery:
        """Return the delivery, which waits for a worker.

        Raises:
            JobNotFound, DeliveryNotFound: There is no such job, or it has no such delivery.
            DeliveryPending, EndpointDisabled: It cannot be sent again.
            JobUnreadable: A newer version wrote the job.
            DatabaseUnavailable: It stays as it is.
        """
        await self._jobs.get(job_id)
        return await self._deliveries.redeliver(job_id, delivery_id)
