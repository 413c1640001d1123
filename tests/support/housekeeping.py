"""Housekeeping over any ports, with everything that tests may want to set."""

from datetime import timedelta
from typing import Any, Final

from application.ports.conversions import Conversions
from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectStorage
from application.ports.orphans import OrphanStore
from application.ports.request_keys import RequestKeys
from application.ports.shares import Shares
from application.ports.uploads import Uploads
from application.upkeep.bucket_guard import BucketGuard
from application.upkeep.bucket_owner import MARKER_PREFIX, PROBE_KEY, BucketOwner
from application.upkeep.housekeeping import Housekeeping
from application.upkeep.old_uploads import OldUploads
from application.upkeep.retention import Retention, RetentionConfig
from application.upkeep.shared_copies import SharedCopies
from application.upkeep.sweep import Sweep, SweepConfig
from application.upkeep.time_share import TimeShare
from tests.support.fake_conversions import InMemoryConversions
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_request_keys import InMemoryRequestKeys
from tests.support.fake_shares import InMemoryShares
from tests.support.fake_uploads import InMemoryUploads
from tests.support.pipeline import now

OF_RETENTION: Final = {"age", "refused_audio", "first_step", "largest_step"}


def a_sweep(retention_store: RetentionStore, orphan_store: OrphanStore, store: ObjectStorage, **config: Any) -> Sweep:
    """Return a sweep; `config` as in `SweepConfig`."""
    owner = BucketOwner(retention_store, orphan_store, store, store)
    return Sweep(retention_store, orphan_store, store, store, owner, config=SweepConfig(**config))


def housekeeping(
    retention_store: RetentionStore,
    orphan_store: OrphanStore,
    store: ObjectStorage,
    *,
    request_keys: RequestKeys | None = None,
    uploads: Uploads | None = None,
    shares: Shares | None = None,
    conversions: Conversions | None = None,
    pause: timedelta = timedelta(0),
    time_share: TimeShare | None = None,
    **config: Any,
) -> Housekeeping:
    """Return housekeeping that may begin a round at any time; `config` as in `RetentionConfig` and `SweepConfig`."""
    kept = {name: value for name, value in config.items() if name in OF_RETENTION}
    swept = {name: value for name, value in config.items() if name not in OF_RETENTION}
    guard = BucketGuard(BucketOwner(retention_store, orphan_store, store, store))
    retention = Retention(retention_store, store, store, RetentionConfig(**kept), guard)
    sweep = a_sweep(retention_store, orphan_store, store, **swept)
    keys = request_keys or InMemoryRequestKeys(now)
    old_uploads = OldUploads(uploads or InMemoryUploads(now), store, store, guard)
    copies = SharedCopies(shares or InMemoryShares(InMemoryJobs(), now), store, store, guard)
    asked = conversions or InMemoryConversions(InMemoryJobs(), now)
    return Housekeeping(
        retention_store,
        keys,
        retention,
        sweep,
        shared_copies=copies,
        conversions=asked,
        old_uploads=old_uploads,
        time_share=time_share or TimeShare(1),
        chance=lambda: 0.0,
        pause=pause,
    )


async def mark(retention_store: RetentionStore, orphan_store: OrphanStore, store: ObjectStorage) -> None:
    """Mark the bucket as this database's own."""
    await BucketOwner(retention_store, orphan_store, store, store).mark()


def is_of_no_job(key: str) -> bool:
    """Return whether an object is the service's own: a marker, or what workers try a store with."""
    return key.startswith((MARKER_PREFIX, PROBE_KEY))
