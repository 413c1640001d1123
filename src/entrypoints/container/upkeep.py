"""What keeps the store and the tables in order."""

from dependency_injector.providers import Factory, Object, Provider, Singleton

from application.upkeep.adopt_bucket import AdoptBucket
from application.upkeep.bucket_guard import BucketGuard
from application.upkeep.bucket_owner import BucketOwner
from application.upkeep.housekeeping import Housekeeping
from application.upkeep.old_uploads import OldUploads
from application.upkeep.retention import Retention, RetentionConfig
from application.upkeep.retry_job import RetryJob
from application.upkeep.shared_copies import SharedCopies
from application.upkeep.sweep import Sweep, SweepConfig
from application.upkeep.time_share import TimeShare
from entrypoints.container.resources import Resources
from entrypoints.container.tables import Tables


class Upkeep(Tables):
    """Retention, sweeps, and the guard of the bucket."""

    bucket_owner: Provider[BucketOwner] = Singleton(
        BucketOwner,
        retention_store=Tables.retention_store,
        orphan_store=Tables.orphan_store,
        store=Resources.store,
        inventory=Resources.inventory,
    )
    bucket_guard: Provider[BucketGuard] = Singleton(BucketGuard, owner=bucket_owner)
    shared_copies: Provider[SharedCopies] = Factory(
        SharedCopies,
        shares=Tables.shares,
        store=Resources.store,
        inventory=Resources.inventory,
        require_bucket=bucket_guard,
    )
    retry_job: Provider[RetryJob] = Factory(RetryJob, job_admin=Tables.job_admin, store=Resources.store)
    retention_config: Provider[RetentionConfig] = Factory(
        RetentionConfig,
        age=Resources.settings.provided.retention,
        refused_audio=Resources.settings.provided.refused_audio,
    )
    retention: Provider[Retention] = Singleton(
        Retention,
        retention_store=Tables.retention_store,
        store=Resources.store,
        inventory=Resources.inventory,
        config=retention_config,
        require_bucket=bucket_guard,
    )
    adopt_bucket: Provider[AdoptBucket] = Factory(
        AdoptBucket,
        retention_store=Tables.retention_store,
        orphan_store=Tables.orphan_store,
        inventory=Resources.inventory,
        owner=bucket_owner,
    )
    sweep: Provider[Sweep] = Singleton(
        Sweep,
        retention_store=Tables.retention_store,
        orphan_store=Tables.orphan_store,
        store=Resources.store,
        inventory=Resources.inventory,
        owner=bucket_owner,
        config=Object(SweepConfig()),
    )
    old_uploads: Provider[OldUploads] = Singleton(
        OldUploads,
        uploads=Tables.uploads,
        store=Resources.store,
        inventory=Resources.inventory,
        require_bucket=bucket_guard,
    )
    time_share: Provider[TimeShare] = Singleton(TimeShare, share=Resources.settings.provided.upkeep_share)
    housekeeping: Provider[Housekeeping] = Singleton(
        Housekeeping,
        retention_store=Tables.retention_store,
        request_keys=Tables.request_keys,
        retention=retention,
        old_uploads=old_uploads,
        sweep=sweep,
        shared_copies=shared_copies,
        conversions=Tables.conversions,
        time_share=time_share,
        chance=Resources.chance,
    )
