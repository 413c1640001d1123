"""Whose bucket it is, and whether the sweep has stopped: questions to the database and the object store together."""

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

import msgspec

from adapters.filesystem import FilesystemStore
from adapters.postgres.dsn import Dsn, normalise
from adapters.postgres.embedded.pid_file import find_running
from adapters.postgres.orphan_store import PostgresOrphanStore
from adapters.postgres.pool import open_pool
from adapters.postgres.retention_store import PostgresRetentionStore
from adapters.spaces import open_spaces
from application.ports.objects import ObjectStorage
from application.upkeep.bucket_owner import BucketOwner
from application.upkeep.bucket_report import BucketReport, BucketState
from application.upkeep.sweep import Sweep, SweepConfig
from domain.errors import MomentError
from entrypoints.doctor.report import ProbeResult, Report, Verdict
from entrypoints.settings import Settings

_FIX: Final = (
    "correct DATABASE_URL or DO_SPACES_BUCKET (or MOMENT_DATA_DIR); if both are right, run `moment storage adopt`"
)
_FIX_FEW: Final = (
    "correct DATABASE_URL or DO_SPACES_BUCKET (or MOMENT_DATA_DIR); if both are right, the next moment that somebody"
    " makes settles it, and so does `moment storage adopt`"
)
_LOST_ROWS: Final = "restore the database, or correct its URL; if these jobs are gone for good: `moment storage adopt`"
_URLS_WORK_ELSEWHERE: Final = b"nothing is signed here"


async def check_bucket_owner(settings: Settings, report: Report) -> None:
    """Check that the bucket is marked as the database's own, where both are configured or embedded here."""
    async with AsyncExitStack() as stack:
        dsn, store = _database(settings), await _store(settings, stack)
        if dsn is None or store is None:
            return
        try:
            pool = await stack.enter_async_context(open_pool(dsn, min_size=0, max_size=1))
        except MomentError as error:  # a certificate that cannot be used
            report.add("bucket owner", _explain(error))
            return
        probe = _Probe(PostgresRetentionStore(pool), PostgresOrphanStore(pool), store)
        if await report.check("bucket owner", probe.marker, _explain):
            await report.check("orphans", probe.next_page, _explain)


class _Probe:
    def __init__(
        self, retention_store: PostgresRetentionStore, orphan_store: PostgresOrphanStore, store: ObjectStorage
    ) -> None:
        self._orphan_store = orphan_store
        self._owner = BucketOwner(retention_store, orphan_store, store, store)
        self._sweep = Sweep(retention_store, orphan_store, store, store, self._owner, config=SweepConfig())

    async def marker(self) -> ProbeResult:
        bucket = await self._owner.examine()
        if bucket.state is BucketState.UNMARKED:
            return ProbeResult(f"not marked yet; a worker marks it within two minutes{_kept(bucket)}")
        if bucket.state is BucketState.OURS:
            return ProbeResult(bucket.explanation)
        effect = "uploads are refused, and jobs wait" if bucket.is_wrong else "it is not swept"
        return ProbeResult(f"{bucket.explanation}: {effect}", Verdict.FAIL, _FIX_FEW if bucket.awaits_job else _FIX)

    async def next_page(self) -> ProbeResult:
        begun = await self._orphan_store.next_round()
        page = await self._sweep.read(begun)
        if not page.is_suspicious:
            return ProbeResult("few enough; the sweep goes on")
        seen = f"the sweep has stopped: {page.unexplained} of {page.objects} objects after {begun.cursor!r} have no job"
        return ProbeResult(seen, Verdict.FAIL, _LOST_ROWS)


def _kept(bucket: BucketReport) -> str:
    if not bucket.strangers:
        return ""
    return f"; {bucket.strangers} of its first {bucket.objects} objects have no job here and are kept for a week"


def _database(settings: Settings) -> Dsn | None:
    if settings.database is not None:
        return settings.database
    url = find_running(settings.data_dir.resolve() / "postgres")
    return normalise(url) if url else None


async def _store(settings: Settings, stack: AsyncExitStack) -> ObjectStorage | None:
    expiry = timedelta(seconds=settings.url_expiry)
    if settings.spaces is not None:
        try:
            opened = open_spaces(**msgspec.structs.asdict(settings.spaces), url_expiry=expiry)
            return await stack.enter_async_context(opened)
        except ValueError:  # another check reports it
            return None
    folder = settings.data_dir / "objects"
    return FilesystemStore(folder, settings.public_url, _URLS_WORK_ELSEWHERE, expiry) if folder.is_dir() else None


def _explain(error: Exception) -> ProbeResult:
    """Return an outage as a warning: the checks of the database and of the bucket explain it."""
    what = error.message if isinstance(error, MomentError) else type(error).__name__
    return ProbeResult(f"cannot be checked: {what}", Verdict.WARN, "fix what else fails, then check again")
