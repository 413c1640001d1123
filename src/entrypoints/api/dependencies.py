"""The dependencies of the handlers, by the names of their parameters."""

from collections.abc import Callable
from typing import Any, NamedTuple

import anyio
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from application.access import Caller
from application.keys.quotas import Quotas
from application.moments.admission import WaitingRoom
from application.moments.cancel_job import CancelJob
from application.moments.delete_job import DeleteJob
from application.moments.encoded_status import EncodedStatus
from application.moments.find_artifact import FindArtifact
from application.moments.find_format import FindFormat
from application.moments.find_sample import FindSample
from application.moments.follow_status import FollowStatus
from application.moments.list_jobs import ListJobs
from application.moments.open_upload import OpenUpload
from application.moments.remix_moment import RemixMoment
from application.moments.share_moment import ReadShare, ShareMoment
from application.moments.submit_moment import SubmitMoment
from application.moments.submit_once import SubmitOnce
from application.objects.signed_objects import SignedObjects
from application.page_files import PageFiles
from application.ports.clock import Clock
from application.ports.job_admin import JobAdmin
from application.ports.jobs import JobRepository
from application.ports.objects import ObjectStore, UrlSigner
from application.ports.webhooks import WebhookDeliveries, WebhookEndpoints
from application.ports.workers import WorkerRegistry
from application.upkeep.bucket_guard import BucketGuard
from application.upkeep.retry_job import RetryJob
from application.upkeep.shared_copies import SharedCopies
from application.webhooks.read_deliveries import ReadDeliveries
from application.webhooks.redeliver import Redeliver
from domain.jobs.conversions import FileFormat
from domain.jobs.job import JobId
from entrypoints.api.callers import caller_of
from entrypoints.api.event_streams import EventStreams
from entrypoints.api.part_states import LastKnownState
from entrypoints.container import Container
from entrypoints.web.picture_cache import PictureCache


class NewMoments(NamedTuple):
    """What a new moment needs. One dependency, as below.

    Attributes:
        room: Whether there is any for it.
        store: Takes its recording as it arrives.
        submit: Creates its job.
        once: Carries out requests with a key.
    """

    room: WaitingRoom
    store: ObjectStore
    submit: SubmitMoment
    once: SubmitOnce


class FollowUntilStopped:
    """Reads statuses until the process stops. One dependency, because Litestar starts a task group for two."""

    def __init__(self, follow_status: FollowStatus, is_stopping: Callable[[], bool]) -> None:
        self._follow_status = follow_status
        self._is_stopping = is_stopping

    async def __call__(
        self, job_id: JobId, seconds: int, is_known: Callable[[EncodedStatus], bool]
    ) -> tuple[EncodedStatus, bool]:
        """Return the status and whether a wait was granted; see `FollowStatus`."""
        return await self._follow_status(job_id, seconds, is_known, self._is_stopping)


class FindFormatUntilStopped:
    """Finds formats, and waits for those that are made until the process stops."""

    def __init__(self, find_format: FindFormat, is_stopping: Callable[[], bool]) -> None:
        self._find_format = find_format
        self._is_stopping = is_stopping

    async def __call__(self, job_id: JobId, wanted: FileFormat, seconds: int, save_as: str) -> str:
        """Return a signed URL; see `FindFormat`."""
        return await self._find_format(job_id, wanted, seconds, self._is_stopping, save_as=save_as)


class FindSampleUntilStopped:
    """Finds samples of styles, and waits for those that are made until the process stops."""

    def __init__(self, find_sample: FindSample, is_stopping: Callable[[], bool]) -> None:
        self._find_sample = find_sample
        self._is_stopping = is_stopping

    async def __call__(self, style: str, seconds: int) -> str:
        """Return a signed URL; see `FindSample`."""
        return await self._find_sample(style, seconds, self._is_stopping)


Whose = NamedDependency[SkipValidation[Caller]]
Room = NamedDependency[SkipValidation[WaitingRoom]]
ForNewMoments = NamedDependency[SkipValidation[NewMoments]]
Remix = NamedDependency[SkipValidation[RemixMoment]]
OpenUploads = NamedDependency[SkipValidation[OpenUpload]]
Sharing = NamedDependency[SkipValidation[ShareMoment]]
Unsharing = NamedDependency[SkipValidation[SharedCopies]]
SharedReader = NamedDependency[SkipValidation[ReadShare]]
Pictures = NamedDependency[SkipValidation[PictureCache]]
Once = NamedDependency[SkipValidation[SubmitOnce]]
Follow = NamedDependency[SkipValidation[FollowUntilStopped]]
Streams = NamedDependency[SkipValidation[EventStreams]]
FindInFormat = NamedDependency[SkipValidation[FindFormatUntilStopped]]
FindSamples = NamedDependency[SkipValidation[FindSampleUntilStopped]]
Find = NamedDependency[SkipValidation[FindArtifact]]
Cancel = NamedDependency[SkipValidation[CancelJob]]
Retry = NamedDependency[SkipValidation[RetryJob]]
Delete = NamedDependency[SkipValidation[DeleteJob]]
Deliveries = NamedDependency[SkipValidation[ReadDeliveries]]
DeliverAgain = NamedDependency[SkipValidation[Redeliver]]
Administration = NamedDependency[SkipValidation[JobAdmin]]
Registry = NamedDependency[SkipValidation[WorkerRegistry]]
Webhooks = NamedDependency[SkipValidation[WebhookDeliveries]]
Endpoints = NamedDependency[SkipValidation[WebhookEndpoints]]
List = NamedDependency[SkipValidation[ListJobs]]
Spending = NamedDependency[SkipValidation[Quotas]]
Jobs = NamedDependency[SkipValidation[JobRepository]]
Store = NamedDependency[SkipValidation[ObjectStore]]
PublicUrl = NamedDependency[SkipValidation[str]]
Urls = NamedDependency[SkipValidation[UrlSigner]]
Objects = NamedDependency[SkipValidation[SignedObjects]]
Guard = NamedDependency[SkipValidation[BucketGuard]]
Now = NamedDependency[SkipValidation[Clock]]
StorageState = NamedDependency[SkipValidation[LastKnownState]]
Stopping = NamedDependency[SkipValidation[anyio.Event]]


def provided_by(container: Container, stopping: anyio.Event) -> dict[str, Provide]:
    """Return Litestar's dependencies over an open container, and the event that begins the process's end."""
    storage_state, pictures = LastKnownState(), PictureCache()
    page_files = PageFiles(container.store(), container.bucket_guard())
    streams = EventStreams(container.follow_events(), stopping.is_set, container.chance())
    return {
        "caller": Provide(caller_of, sync_to_thread=False),
        "room": _provide(container.waiting_room),
        "new_moments": _provide(
            lambda: NewMoments(
                container.waiting_room(), container.store(), container.submit_moment(), container.submit_once()
            )
        ),
        "remix": _provide(container.remix_moment),
        "open_upload": _provide(container.open_upload),
        "share": _provide(container.share_moment),
        "unshare": _provide(container.shared_copies),
        "shared": _provide(container.read_share),
        "pictures": _provide(lambda: pictures),
        "page_files": _provide(lambda: page_files),
        "submit_once": _provide(container.submit_once),
        "follow": _provide(lambda: FollowUntilStopped(container.follow_status(), stopping.is_set)),
        "streams": _provide(lambda: streams),
        "find_format": _provide(lambda: FindFormatUntilStopped(container.find_format(), stopping.is_set)),
        "find_sample": _provide(lambda: FindSampleUntilStopped(container.find_sample(), stopping.is_set)),
        "find": _provide(container.find_artifact),
        "cancel": _provide(container.cancel_job),
        "retry": _provide(container.retry_job),
        "deletion": _provide(container.delete_job),
        "deliveries": _provide(container.read_deliveries),
        "again": _provide(container.redeliver),
        "administration": _provide(container.job_admin),
        "registry": _provide(container.worker_registry),
        "webhooks": _provide(container.webhook_deliveries),
        "endpoints": _provide(container.webhook_endpoints),
        "list_owned": _provide(container.list_jobs),
        "quotas": _provide(container.quotas),
        "jobs": _provide(container.jobs),
        "store": _provide(container.store),
        "bucket_guard": _provide(container.bucket_guard),
        "public_url": _provide(lambda: container.settings().public_url),
        "urls": _provide(container.urls),
        "objects": _provide(container.objects),
        "clock": _provide(container.clock),
        "storage_state": _provide(lambda: storage_state),
        "stopping": _provide(lambda: stopping),
    }


def _provide(provider: Callable[[], Any]) -> Provide:
    def resolve() -> Any:
        return provider()

    return Provide(resolve, sync_to_thread=False)
