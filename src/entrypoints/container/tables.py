"""The ports over Postgres."""

from dependency_injector.providers import Factory, Provider, Singleton

from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.backlog import PostgresBacklog
from adapters.postgres.celery_jobs import PostgresCeleryJobs
from adapters.postgres.conversions import PostgresConversions
from adapters.postgres.delivery_queue import PostgresDeliveryQueue
from adapters.postgres.job_admin import PostgresJobAdmin
from adapters.postgres.job_lists import PostgresJobLists
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.orphan_store import PostgresOrphanStore
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.request_keys import PostgresRequestKeys
from adapters.postgres.retention_store import PostgresRetentionStore
from adapters.postgres.shares import PostgresShares
from adapters.postgres.uploads import PostgresUploads
from adapters.postgres.usage import PostgresUsage
from adapters.postgres.webhook_deliveries import PostgresWebhookDeliveries
from adapters.postgres.webhook_endpoints import PostgresWebhookEndpoints
from adapters.postgres.worker_registry import PostgresWorkerRegistry
from application.ports.api_keys import ApiKeys
from application.ports.backlog import BacklogReader
from application.ports.celery_jobs import CeleryJobs
from application.ports.conversions import Conversions
from application.ports.job_admin import JobAdmin
from application.ports.job_lists import JobLists
from application.ports.jobs import JobRepository
from application.ports.maintenance import RetentionStore
from application.ports.orphans import OrphanStore
from application.ports.queue import JobQueue
from application.ports.request_keys import RequestKeys
from application.ports.shares import Shares
from application.ports.uploads import Uploads
from application.ports.usage import Usage
from application.ports.webhooks import DeliveryQueue, WebhookDeliveries, WebhookEndpoints
from application.ports.workers import WorkerRegistry
from entrypoints.container.resources import Resources


class Tables(Resources):
    """Ports that Postgres implements, each by the name of its port."""

    jobs: Provider[JobRepository] = Singleton(
        PostgresJobs, pool=Resources.pool, notifier=Resources.notifier, telemetry=Resources.telemetry
    )
    api_keys: Provider[ApiKeys] = Singleton(PostgresApiKeys, pool=Resources.pool)
    usage: Provider[Usage] = Singleton(PostgresUsage, pool=Resources.pool)
    job_lists: Provider[JobLists] = Singleton(PostgresJobLists, pool=Resources.pool)
    queue: Provider[JobQueue] = Singleton(
        PostgresQueue,
        pool=Resources.pool,
        lease_seconds=Resources.settings.provided.lease,
        max_age=Resources.settings.provided.max_age,
        heartbeat_pool=Resources.heartbeat_pool,
        notifier=Resources.notifier,
    )
    retention_store: Provider[RetentionStore] = Singleton(PostgresRetentionStore, pool=Resources.pool)
    job_admin: Provider[JobAdmin] = Singleton(PostgresJobAdmin, pool=Resources.pool, notifier=Resources.notifier)
    orphan_store: Provider[OrphanStore] = Singleton(PostgresOrphanStore, pool=Resources.pool)
    webhook_endpoints: Provider[WebhookEndpoints] = Singleton(PostgresWebhookEndpoints, pool=Resources.pool)
    backlog: Provider[BacklogReader] = Singleton(PostgresBacklog, pool=Resources.pool)
    uploads: Provider[Uploads] = Singleton(PostgresUploads, pool=Resources.pool)
    shares: Provider[Shares] = Singleton(PostgresShares, pool=Resources.pool)
    request_keys: Provider[RequestKeys] = Singleton(PostgresRequestKeys, pool=Resources.pool)
    conversions: Provider[Conversions] = Singleton(PostgresConversions, pool=Resources.pool)
    webhook_deliveries: Provider[WebhookDeliveries] = Singleton(PostgresWebhookDeliveries, pool=Resources.pool)
    delivery_queue: Provider[DeliveryQueue] = Singleton(PostgresDeliveryQueue, pool=Resources.pool)
    worker_registry: Provider[WorkerRegistry] = Singleton(PostgresWorkerRegistry, pool=Resources.pool)
    celery_jobs: Provider[CeleryJobs] = Factory(PostgresCeleryJobs, pool=Resources.pool)
