"""Who may do what, and how much of it."""

from dependency_injector.providers import Factory, Provider, Singleton

from adapters.http.webhook_urls import WebhookUrls
from application.keys.create_key import CreateKey
from application.keys.job_access import JobAccess
from application.keys.keyring import Keyring
from application.keys.quotas import Quota, Quotas
from application.moments.admission import Admission, WaitingRoom
from application.moments.list_jobs import ListJobs
from application.moments.webhooks import Webhooks
from entrypoints.container.resources import Resources
from entrypoints.container.tables import Tables
from entrypoints.container.upkeep import Upkeep


class Access(Upkeep):
    """Keys, quotas, lists, and what is checked before a job is accepted."""

    keyring: Provider[Keyring] = Singleton(Keyring, keys=Tables.api_keys)
    create_key: Provider[CreateKey] = Factory(CreateKey, keys=Tables.api_keys, clock=Resources.clock)
    quotas: Provider[Quotas] = Singleton(
        Quotas,
        usage=Tables.usage,
        usual=Factory(
            Quota, moments=Resources.settings.provided.moments_quota, seconds=Resources.settings.provided.seconds_quota
        ),
    )
    list_jobs: Provider[ListJobs] = Factory(ListJobs, lists=Tables.job_lists)
    job_access: Provider[JobAccess] = Singleton(JobAccess, jobs=Tables.jobs)
    webhook_urls: Provider[WebhookUrls] = Singleton(WebhookUrls, allowed=Resources.settings.provided.egress_allowed)
    webhooks: Provider[Webhooks] = Singleton(
        Webhooks,
        endpoints=Tables.webhook_endpoints,
        check_url=webhook_urls,
        has_secret=Resources.settings.provided.signs_webhooks,
    )
    waiting_room: Provider[WaitingRoom] = Singleton(
        WaitingRoom, backlog=Tables.backlog, limits=Resources.settings.provided.waiting_limits
    )
    admission: Provider[Admission] = Factory(
        Admission, jobs=Tables.jobs, store=Resources.store, room=waiting_room, require_quota=quotas.provided.require
    )
