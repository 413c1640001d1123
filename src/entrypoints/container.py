"""The composition root: a synchronous graph of objects over resources that are already open."""

# ruff: noqa: PLC0415 - only configured adapters are imported: it keeps processes small

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Final
from uuid import uuid4

import msgspec
from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Factory, Object, Provider, Singleton

from adapters.http.webhook_urls import WebhookUrls
from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.backlog import PostgresBacklog
from adapters.postgres.celery_jobs import PostgresCeleryJobs
from adapters.postgres.conversions import PostgresConversions
from adapters.postgres.delivery_queue import PostgresDeliveryQueue
from adapters.postgres.job_admin import PostgresJobAdmin
from adapters.postgres.job_lists import PostgresJobLists
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import Notifier
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
from adapters.telemetry.structured_logs import StructuredLogs
from adapters.toolkit.authorities import Authority
from application.keys.create_key import CreateKey
from application.keys.job_access import JobAccess
from application.keys.keyring import Keyring
from application.keys.quotas import Quota, Quotas
from application.moments.admission import Admission, WaitingRoom
from application.moments.cancel_job import CancelJob
from application.moments.delete_job import DeleteJob
from application.moments.direct_uploads import DirectUploads
from application.moments.fetched_hums import FetchedHums
from application.moments.find_artifact import FindArtifact
from application.moments.find_format import FindFormat
from application.moments.follow_events import FollowEvents
from application.moments.follow_status import FollowStatus
from application.moments.forecast import Forecasts
from application.moments.hums import Hums
from application.moments.job_watch import JobWatch
from application.moments.list_jobs import ListJobs
from application.moments.open_upload import OpenUpload
from application.moments.read_status import ReadStatus
from application.moments.remix_moment import RemixMoment
from application.moments.share_moment import ReadShare, ShareMoment
from application.moments.submit_moment import SubmitMoment
from application.moments.submit_once import SubmitOnce
from application.moments.webhooks import Webhooks
from application.objects.signed_objects import SignedObjects
from application.ports.api_keys import ApiKeys
from application.ports.backlog import BacklogReader
from application.ports.celery_jobs import CeleryJobs
from application.ports.clock import Clock
from application.ports.conversions import Conversions
from application.ports.job_admin import JobAdmin
from application.ports.job_changes import NO_CHANGES, JobChanges
from application.ports.job_lists import JobLists
from application.ports.jobs import JobRepository
from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectInventory, ObjectStorage, ObjectStore, UrlSigner
from application.ports.orphans import OrphanStore
from application.ports.queue import JobQueue, Listener
from application.ports.recording_fetcher import RecordingFetcher
from application.ports.request_keys import RequestKeys
from application.ports.results import NO_FOLDER, ResultFolder
from application.ports.shares import Shares
from application.ports.tools import Fetcher, MusicTools, ToolName
from application.ports.uploads import Uploads
from application.ports.usage import Usage
from application.ports.webhooks import DeliveryQueue, WebhookDeliveries, WebhookEndpoints, WebhookSender
from application.ports.workers import WorkerRegistry
from application.telemetry import Telemetry
from application.upkeep.adopt_bucket import AdoptBucket
from application.upkeep.bucket_guard import BucketGuard
from application.upkeep.bucket_owner import BucketOwner
from application.upkeep.housekeeping import Housekeeping
from application.upkeep.old_uploads import OldUploads
from application.upkeep.retention import Retention, RetentionConfig
from application.upkeep.retry_job import RetryJob
from application.upkeep.shared_copies import SharedCopies
from application.upkeep.sweep import Sweep, SweepConfig
from application.webhooks.deliver import Deliver
from application.webhooks.delivery_loop import DeliveryLoop
from application.webhooks.payload import WritePayload
from application.webhooks.read_deliveries import ReadDeliveries
from application.webhooks.redeliver import Redeliver
from application.worker.conversion_loop import ConversionLoop
from application.worker.convert_music import ConvertMusic
from application.worker.dependencies import Dependencies
from application.worker.run_job import RunJob
from application.worker.slot_limit import SlotLimit
from application.worker.stages import Stages
from application.worker.storage_probe import StorageProbe
from application.worker.work_loop import WorkConfig, WorkLoop
from domain.jobs.job import JobId
from entrypoints.data_dir import prepare, shared_secret
from entrypoints.open_database import open_database, process_name
from entrypoints.settings import InvalidSettings, Settings

BEAT_SECONDS: Final = 0.5
"""Between heartbeats: half of the second within which a cancellation must happen, even if its notification is lost."""


def utc_now() -> datetime:
    """Return the time; the application's `Clock`."""
    return datetime.now(UTC)


def new_job_id() -> JobId:
    """Return an id that cannot be guessed: knowing it is the permission to read the job."""
    return JobId(uuid4())


def new_share_token() -> str:
    """Return a token of 192 random bits."""
    return token_urlsafe(24)


def new_worker_name() -> str:
    """Return a name that no other worker has: containers share host names and process ids."""
    return f"{process_name()}-{uuid4().hex[:6]}"


def _recording_fetcher(allowed: Sequence[Authority]) -> RecordingFetcher:
    """Return what fetches recordings; most apis never do."""
    from adapters.http.recordings import HttpRecordings

    return HttpRecordings(allowed)


class Container(DeclarativeContainer):
    """Everything that an entrypoint calls. Open resources are dependencies; what is built has the name of its port.

    `queue`, `listener`, `tools`, `fetcher`, `folder`, `slot_limit` and `webhook_sender` are for workers; they are
    undefined in the api.
    """

    settings: Provider[Settings] = Dependency(instance_of=Settings)
    pool: Provider[Any] = Dependency()
    heartbeat_pool: Provider[Any] = Dependency()
    notifier: Provider[Notifier] = Dependency()
    job_changes: Provider[JobChanges] = Dependency(default=Object(NO_CHANGES))
    store: Provider[ObjectStore] = Dependency()
    urls: Provider[UrlSigner] = Dependency()
    inventory: Provider[ObjectInventory] = Dependency()
    objects: Provider[SignedObjects] = Dependency()
    listener: Provider[Listener] = Dependency()
    tools: Provider[MusicTools] = Dependency()
    fetcher: Provider[Fetcher] = Dependency()
    folder: Provider[ResultFolder] = Dependency()
    webhook_sender: Provider[WebhookSender] = Dependency()

    clock: Provider[Clock] = Object(utc_now)
    new_id: Provider[Callable[[], JobId]] = Object(new_job_id)
    chance: Provider[Callable[[], float]] = Object(random.random)
    worker_name: Provider[str] = Singleton(new_worker_name)
    telemetry: Provider[Telemetry] = Singleton(StructuredLogs)

    jobs: Provider[JobRepository] = Singleton(PostgresJobs, pool=pool, notifier=notifier, telemetry=telemetry)
    api_keys: Provider[ApiKeys] = Singleton(PostgresApiKeys, pool=pool)
    keyring: Provider[Keyring] = Singleton(Keyring, keys=api_keys)
    create_key: Provider[CreateKey] = Factory(CreateKey, keys=api_keys, clock=clock)
    usage: Provider[Usage] = Singleton(PostgresUsage, pool=pool)
    quotas: Provider[Quotas] = Singleton(
        Quotas,
        usage=usage,
        usual=Factory(Quota, moments=settings.provided.moments_quota, seconds=settings.provided.seconds_quota),
    )
    job_lists: Provider[JobLists] = Singleton(PostgresJobLists, pool=pool)
    list_jobs: Provider[ListJobs] = Factory(ListJobs, lists=job_lists)
    job_access: Provider[JobAccess] = Singleton(JobAccess, jobs=jobs)
    queue: Provider[JobQueue] = Singleton(
        PostgresQueue,
        pool=pool,
        lease_seconds=settings.provided.lease,
        max_age=settings.provided.max_age,
        heartbeat_pool=heartbeat_pool,
        notifier=notifier,
    )
    retention_store: Provider[RetentionStore] = Singleton(PostgresRetentionStore, pool=pool)
    job_admin: Provider[JobAdmin] = Singleton(PostgresJobAdmin, pool=pool, notifier=notifier)
    orphan_store: Provider[OrphanStore] = Singleton(PostgresOrphanStore, pool=pool)
    bucket_owner: Provider[BucketOwner] = Singleton(
        BucketOwner, retention_store=retention_store, orphan_store=orphan_store, store=store, inventory=inventory
    )
    bucket_guard: Provider[BucketGuard] = Singleton(BucketGuard, owner=bucket_owner)
    webhook_endpoints: Provider[WebhookEndpoints] = Singleton(PostgresWebhookEndpoints, pool=pool)
    webhook_urls: Provider[WebhookUrls] = Singleton(WebhookUrls, allowed=settings.provided.egress_allowed)
    webhooks: Provider[Webhooks] = Singleton(
        Webhooks, endpoints=webhook_endpoints, check_url=webhook_urls, has_secret=settings.provided.signs_webhooks
    )
    backlog: Provider[BacklogReader] = Singleton(PostgresBacklog, pool=pool)
    waiting_room: Provider[WaitingRoom] = Singleton(
        WaitingRoom, backlog=backlog, limits=settings.provided.waiting_limits
    )
    admission: Provider[Admission] = Factory(Admission, jobs=jobs, store=store, room=waiting_room)
    recording_fetcher: Provider[RecordingFetcher] = Singleton(_recording_fetcher, settings.provided.egress_allowed)
    fetched_hums: Provider[FetchedHums] = Singleton(
        FetchedHums, fetcher=recording_fetcher.provider, max_bytes=settings.provided.max_upload_bytes
    )
    uploads: Provider[Uploads] = Singleton(PostgresUploads, pool=pool)
    direct_uploads: Provider[DirectUploads] = Factory(DirectUploads, uploads=uploads, store=store)
    hums: Provider[Hums] = Factory(Hums, store=store, fetched=fetched_hums, uploaded=direct_uploads)
    open_upload: Provider[OpenUpload] = Factory(
        OpenUpload,
        uploads=uploads,
        urls=urls,
        require_bucket=bucket_guard,
        clock=clock,
        max_bytes=settings.provided.max_upload_bytes,
    )
    submit_moment: Provider[SubmitMoment] = Factory(
        SubmitMoment,
        admission=admission,
        hums=hums,
        require_bucket=bucket_guard,
        clock=clock,
        new_id=new_id,
        webhooks=webhooks,
        default_kind=settings.provided.output_kind,
        require_quota=quotas.provided.require,
    )
    remix_moment: Provider[RemixMoment] = Factory(
        RemixMoment,
        require_quota=quotas.provided.require,
        jobs=jobs,
        admission=admission,
        store=store,
        require_bucket=bucket_guard,
        clock=clock,
        new_id=new_id,
        webhooks=webhooks,
        voice_id=settings.provided.voice_id,
    )
    shares: Provider[Shares] = Singleton(PostgresShares, pool=pool)
    shared_copies: Provider[SharedCopies] = Factory(
        SharedCopies, shares=shares, store=store, require_bucket=bucket_guard
    )
    share_moment: Provider[ShareMoment] = Factory(
        ShareMoment,
        jobs=jobs,
        shares=shares,
        store=store,
        require_bucket=bucket_guard,
        new_token=Object(new_share_token),
    )
    read_share: Provider[ReadShare] = Factory(ReadShare, jobs=jobs, shares=shares, urls=urls)
    request_keys: Provider[RequestKeys] = Singleton(PostgresRequestKeys, pool=pool)
    submit_once: Provider[SubmitOnce] = Factory(SubmitOnce, keys=request_keys, jobs=jobs, new_id=new_id)
    forecasts: Provider[Forecasts] = Singleton(Forecasts, backlog=backlog)
    read_status: Provider[ReadStatus] = Singleton(
        ReadStatus, jobs=jobs, urls=urls, forecasts=forecasts, retention=settings.provided.retention
    )
    job_watch: Provider[JobWatch] = Singleton(JobWatch, jobs=jobs, changes=job_changes)
    follow_status: Provider[FollowStatus] = Singleton(FollowStatus, read_status=read_status, watch=job_watch)
    follow_events: Provider[FollowEvents] = Singleton(FollowEvents, jobs=jobs, watch=job_watch)
    conversions: Provider[Conversions] = Singleton(PostgresConversions, pool=pool)
    find_format: Provider[FindFormat] = Factory(
        FindFormat, jobs=jobs, conversions=conversions, urls=urls, watch=job_watch
    )
    find_artifact: Provider[FindArtifact] = Factory(FindArtifact, jobs=jobs, urls=urls)
    cancel_job: Provider[CancelJob] = Factory(CancelJob, jobs=jobs, store=store)
    delete_job: Provider[DeleteJob] = Factory(
        DeleteJob,
        jobs=jobs,
        job_admin=job_admin,
        retention_store=retention_store,
        store=store,
        require_bucket=bucket_guard,
        remove_share=shared_copies.provided.remove_of,
    )
    retry_job: Provider[RetryJob] = Factory(RetryJob, job_admin=job_admin, store=store)
    webhook_deliveries: Provider[WebhookDeliveries] = Singleton(PostgresWebhookDeliveries, pool=pool)
    read_deliveries: Provider[ReadDeliveries] = Factory(ReadDeliveries, jobs=jobs, deliveries=webhook_deliveries)
    redeliver: Provider[Redeliver] = Factory(Redeliver, jobs=jobs, deliveries=webhook_deliveries)
    stages: Provider[Stages] = Factory(
        Stages,
        tools=tools,
        store=store,
        urls=urls,
        fetcher=fetcher,
        voice_id=settings.provided.voice_id,
        folder=folder,
    )
    slot_limit: Provider[SlotLimit] = Dependency(instance_of=SlotLimit)
    storage_probe: Provider[StorageProbe] = Singleton(StorageProbe, store=store, owner=bucket_owner)
    job_dependencies: Provider[Dependencies] = Singleton(
        Dependencies,
        tools=tools,
        try_storage=storage_probe,
        slot_limit=slot_limit,
        chance=chance,
        longest_pause=settings.provided.retry_cap,
    )
    run_job: Provider[RunJob] = Factory(
        RunJob,
        queue=queue,
        store=store,
        stages=stages,
        dependencies=job_dependencies,
        chance=chance,
        retry_cap=settings.provided.retry_cap,
        timeout=settings.provided.job_timeout,
        telemetry=telemetry,
    )
    work_config: Provider[WorkConfig] = Factory(
        WorkConfig,
        worker=worker_name,
        slots=settings.provided.slots,
        lease=settings.provided.lease,
        beat=BEAT_SECONDS,
        poll=settings.provided.poll,
        grace=settings.provided.grace,
    )
    work_loop: Provider[WorkLoop] = Singleton(
        WorkLoop,
        queue=queue,
        listener=listener,
        run_job=run_job,
        dependencies=job_dependencies,
        config=work_config,
        chance=chance,
        telemetry=telemetry,
    )
    convert_music: Provider[ConvertMusic] = Factory(
        ConvertMusic, conversions=conversions, jobs=jobs, tools=tools, store=store, urls=urls
    )
    conversion_loop: Provider[ConversionLoop] = Factory(
        ConversionLoop, conversions=conversions, convert=convert_music, chance=chance
    )
    delivery_queue: Provider[DeliveryQueue] = Singleton(PostgresDeliveryQueue, pool=pool)
    deliver: Provider[Deliver] = Factory(
        Deliver,
        queue=delivery_queue,
        sender=webhook_sender,
        write=Factory(WritePayload, jobs=jobs, read_status=read_status),
        chance=chance,
    )
    delivery_loop: Provider[DeliveryLoop] = Singleton(
        DeliveryLoop,
        queue=delivery_queue,
        deliver=deliver,
        worker=worker_name,
        ownerless=settings.provided.signs_webhooks,
        chance=chance,
        poll=settings.provided.delivery_poll,
    )
    worker_registry: Provider[WorkerRegistry] = Singleton(PostgresWorkerRegistry, pool=pool)
    retention_config: Provider[RetentionConfig] = Factory(
        RetentionConfig, age=settings.provided.retention, refused_audio=settings.provided.refused_audio
    )
    retention: Provider[Retention] = Singleton(
        Retention,
        retention_store=retention_store,
        store=store,
        config=retention_config,
        require_bucket=bucket_guard,
    )
    adopt_bucket: Provider[AdoptBucket] = Factory(
        AdoptBucket, retention_store=retention_store, orphan_store=orphan_store, inventory=inventory, owner=bucket_owner
    )
    celery_jobs: Provider[CeleryJobs] = Factory(PostgresCeleryJobs, pool=pool)
    sweep: Provider[Sweep] = Singleton(
        Sweep,
        retention_store=retention_store,
        orphan_store=orphan_store,
        store=store,
        inventory=inventory,
        owner=bucket_owner,
        config=Object(SweepConfig()),
    )
    old_uploads: Provider[OldUploads] = Singleton(OldUploads, uploads=uploads, store=store, require_bucket=bucket_guard)
    housekeeping: Provider[Housekeeping] = Singleton(
        Housekeeping,
        retention_store=retention_store,
        request_keys=request_keys,
        retention=retention,
        old_uploads=old_uploads,
        sweep=sweep,
        shared_copies=shared_copies,
        conversions=conversions,
        chance=chance,
    )


@asynccontextmanager
async def open_container(settings: Settings, *, working: bool = False) -> AsyncIterator[Container]:
    """Open the resources of the graph, and close them in reverse order.

    Args:
        settings: The settings of this process.
        working: Whether for a worker, which needs the queue and the tools; the api does not.

    Raises:
        InvalidSettings: A required setting is missing or cannot be used. A server that does not answer raises only
            when it is used: processes start in any order.
    """
    async with AsyncExitStack() as stack:
        telemetry = StructuredLogs()
        parts = await open_database(settings, stack, working=working) | await _open_store(settings, stack)
        if working:
            slot_limit = SlotLimit(settings.slots)
            parts |= {"slot_limit": slot_limit} | await _open_tools(settings, stack, telemetry, slot_limit)
            parts |= {"webhook_sender": await _open_webhooks(settings, stack)}
        yield Container(settings=settings, telemetry=telemetry, **parts)


async def _open_store(settings: Settings, stack: AsyncExitStack) -> dict[str, Any]:
    """Return the configured store; the libraries of the other one are not imported."""
    expiry = timedelta(seconds=settings.url_expiry)
    if settings.spaces is None:
        from adapters.filesystem import FilesystemStore

        secret = shared_secret(settings.data_dir, "objects").encode()
        root = prepare(settings.data_dir) / "objects"
        embedded = FilesystemStore(root, settings.public_url, secret, expiry)
        return _parts(embedded) | {"objects": embedded}
    from adapters.spaces import open_spaces

    try:
        store: ObjectStorage = await stack.enter_async_context(
            open_spaces(**msgspec.structs.asdict(settings.spaces), url_expiry=expiry)
        )
    except ValueError as error:
        raise InvalidSettings(f"DO_SPACES_ENDPOINT: {error}") from error
    return _parts(store)


def _parts(storage: ObjectStorage) -> dict[str, Any]:
    """Return an adapter as the three ports that it implements."""
    return {"store": storage, "urls": storage, "inventory": storage}


async def _open_tools(
    settings: Settings, stack: AsyncExitStack, telemetry: Telemetry, slot_limit: SlotLimit
) -> dict[str, Any]:
    from adapters.http.clients import open_client
    from adapters.http.fetcher import HttpFetcher
    from adapters.mcp.client import open_mcp_tools

    if not settings.mcp_url:
        raise InvalidSettings("MCP_BASE_URL is not set: set it, or run `moment up`, which starts its own music tools")
    folder = shared_folder(settings)
    tools: MusicTools = await stack.enter_async_context(
        open_mcp_tools(
            settings.mcp_url,
            settings.mcp_token,
            tool_timeouts(settings),
            telemetry,
            on_busy=slot_limit.shrink,
            folder=folder,
        )
    )
    fetcher: Fetcher = HttpFetcher(await stack.enter_async_context(open_client()))
    return {"tools": tools, "fetcher": fetcher, "folder": folder}


async def _open_webhooks(settings: Settings, stack: AsyncExitStack) -> WebhookSender:
    """Return what sends webhooks. The store and `PUBLIC_URL` are no places for them, other than for recordings."""
    from adapters.http.egress import guarded_client
    from adapters.http.webhooks import HttpWebhookSender

    client = await stack.enter_async_context(guarded_client(settings.egress_allowed))
    return HttpWebhookSender(client, settings.webhook_secrets)


def shared_folder(settings: Settings) -> ResultFolder:
    """Return the folder of the tool server's results."""
    from adapters.filesystem.shared_folder import SharedFolder

    return SharedFolder(settings.output_dir, settings.max_upload_bytes) if settings.output_dir else NO_FOLDER


def tool_timeouts(settings: Settings) -> dict[str, float]:
    """Return the time-outs of tools that are configured, in seconds."""
    named = dict.fromkeys(ToolName, settings.tool_timeout) | {ToolName.CREATE_SONG: settings.song_timeout}
    return {tool: seconds for tool, seconds in named.items() if seconds}
