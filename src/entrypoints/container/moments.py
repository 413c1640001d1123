"""The use cases of the API."""

# ruff: noqa: PLC0415 - only configured adapters are imported: it keeps processes small

from collections.abc import Sequence
from secrets import token_urlsafe

from dependency_injector.providers import Factory, Object, Provider, Singleton

from adapters.toolkit.authorities import Authority
from application.moments.cancel_job import CancelJob
from application.moments.delete_job import DeleteJob
from application.moments.direct_uploads import DirectUploads
from application.moments.fetched_hums import FetchedHums
from application.moments.find_artifact import FindArtifact
from application.moments.find_format import FindFormat
from application.moments.find_sample import FindSample
from application.moments.follow_events import FollowEvents
from application.moments.follow_status import FollowStatus
from application.moments.forecast import Forecasts
from application.moments.hums import Hums
from application.moments.job_watch import JobWatch
from application.moments.open_upload import OpenUpload
from application.moments.read_status import ReadStatus
from application.moments.remix_moment import RemixMoment
from application.moments.share_moment import ReadShare, ShareMoment
from application.moments.submit_moment import SubmitMoment
from application.moments.submit_once import SubmitOnce
from application.ports.recording_fetcher import RecordingFetcher
from application.webhooks.read_deliveries import ReadDeliveries
from application.webhooks.redeliver import Redeliver
from entrypoints.container.access import Access
from entrypoints.container.resources import Resources
from entrypoints.container.tables import Tables
from entrypoints.container.upkeep import Upkeep


def new_share_token() -> str:
    """Return a token of 192 random bits."""
    return token_urlsafe(24)


def _recording_fetcher(allowed: Sequence[Authority]) -> RecordingFetcher:
    """Return what fetches recordings; most apis never do."""
    from adapters.http.recordings import HttpRecordings

    return HttpRecordings(allowed)


class Moments(Access):
    """What a client can ask for."""

    recording_fetcher: Provider[RecordingFetcher] = Singleton(
        _recording_fetcher, Resources.settings.provided.egress_allowed
    )
    fetched_hums: Provider[FetchedHums] = Singleton(
        FetchedHums, fetcher=recording_fetcher.provider, max_bytes=Resources.settings.provided.max_upload_bytes
    )
    direct_uploads: Provider[DirectUploads] = Factory(DirectUploads, uploads=Tables.uploads, store=Resources.store)
    hums: Provider[Hums] = Factory(Hums, store=Resources.store, fetched=fetched_hums, uploaded=direct_uploads)
    open_upload: Provider[OpenUpload] = Factory(
        OpenUpload,
        uploads=Tables.uploads,
        urls=Resources.urls,
        require_bucket=Upkeep.bucket_guard,
        clock=Resources.clock,
        max_bytes=Resources.settings.provided.max_upload_bytes,
    )
    submit_moment: Provider[SubmitMoment] = Factory(
        SubmitMoment,
        admission=Access.admission,
        hums=hums,
        require_bucket=Upkeep.bucket_guard,
        clock=Resources.clock,
        new_id=Resources.new_id,
        webhooks=Access.webhooks,
        default_kind=Resources.settings.provided.output_kind,
    )
    remix_moment: Provider[RemixMoment] = Factory(
        RemixMoment,
        jobs=Tables.jobs,
        admission=Access.admission,
        store=Resources.store,
        require_bucket=Upkeep.bucket_guard,
        clock=Resources.clock,
        new_id=Resources.new_id,
        webhooks=Access.webhooks,
        voice_id=Resources.settings.provided.voice_id,
    )
    share_moment: Provider[ShareMoment] = Factory(
        ShareMoment,
        jobs=Tables.jobs,
        shares=Tables.shares,
        store=Resources.store,
        require_bucket=Upkeep.bucket_guard,
        new_token=Object(new_share_token),
    )
    read_share: Provider[ReadShare] = Factory(ReadShare, jobs=Tables.jobs, shares=Tables.shares, urls=Resources.urls)
    submit_once: Provider[SubmitOnce] = Factory(
        SubmitOnce, keys=Tables.request_keys, jobs=Tables.jobs, new_id=Resources.new_id
    )
    forecasts: Provider[Forecasts] = Singleton(Forecasts, backlog=Tables.backlog)
    read_status: Provider[ReadStatus] = Singleton(
        ReadStatus,
        jobs=Tables.jobs,
        urls=Resources.urls,
        forecasts=forecasts,
        retention=Resources.settings.provided.retention,
    )
    job_watch: Provider[JobWatch] = Singleton(JobWatch, jobs=Tables.jobs, changes=Resources.job_changes)
    follow_status: Provider[FollowStatus] = Singleton(FollowStatus, read_status=read_status, watch=job_watch)
    follow_events: Provider[FollowEvents] = Singleton(FollowEvents, jobs=Tables.jobs, watch=job_watch)
    find_format: Provider[FindFormat] = Factory(
        FindFormat, jobs=Tables.jobs, conversions=Tables.conversions, urls=Resources.urls, watch=job_watch
    )
    find_sample: Provider[FindSample] = Singleton(
        FindSample,
        store=Resources.store,
        conversions=Tables.conversions,
        urls=Resources.urls,
        workers=Tables.worker_registry,
    )
    find_artifact: Provider[FindArtifact] = Factory(FindArtifact, jobs=Tables.jobs, urls=Resources.urls)
    cancel_job: Provider[CancelJob] = Factory(CancelJob, jobs=Tables.jobs, store=Resources.store)
    delete_job: Provider[DeleteJob] = Factory(
        DeleteJob,
        jobs=Tables.jobs,
        job_admin=Tables.job_admin,
        retention_store=Tables.retention_store,
        store=Resources.store,
        require_bucket=Upkeep.bucket_guard,
        remove_share=Upkeep.shared_copies.provided.remove_of,
    )
    read_deliveries: Provider[ReadDeliveries] = Factory(
        ReadDeliveries, jobs=Tables.jobs, deliveries=Tables.webhook_deliveries
    )
    redeliver: Provider[Redeliver] = Factory(Redeliver, jobs=Tables.jobs, deliveries=Tables.webhook_deliveries)
