"""Bring the finished moments of the Celery version over: their rows are copied, their objects stay where they are."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

import msgspec

from application.ports.celery_jobs import CeleryJob, CeleryJobs
from application.ports.clock import Clock
from application.ports.objects import ObjectNotFound, ObjectStore
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.validation import parse
from domain.errors import InvalidBlueprint, JobError
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job, JobId, Request, StatusChange
from domain.jobs.transitions import JobStatus

PAGE: Final = 200
FINISHED: Final = frozenset({JobStatus.COMPLETED, JobStatus.FAILED})


class Imported(msgspec.Struct, frozen=True):
    """What became of a row.

    Attributes:
        id: As it is in the table.
        outcome: `imported`, `there already`, or why it was left out.
    """

    id: str
    outcome: str


class _LeftOut(Exception):
    """A row that cannot become a job."""


class ImportCeleryJobs:
    """Copy rows that have ended.

    Args:
        bucket: The name of our bucket, which URLs may have in their path.
    """

    def __init__(self, celery_jobs: CeleryJobs, store: ObjectStore, bucket: str, clock: Clock) -> None:
        self._celery_jobs = celery_jobs
        self._store = store
        self._bucket = bucket
        self._clock = clock

    async def __call__(self, *, dry_run: bool) -> AsyncIterator[Imported]:
        """Yield what becomes of each row.

        Raises:
            MomentError: As `CeleryJobs.read` raises it.
            DatabaseUnavailable, StorageUnavailable, StorageDenied: Call it again; what is there is not copied twice.
        """
        last = ""
        while rows := await self._celery_jobs.read(last, PAGE):
            for row in rows:
                yield Imported(row.id, await self._outcome(row, dry_run=dry_run))
            last = rows[-1].id

    async def _outcome(self, row: CeleryJob, *, dry_run: bool) -> str:
        try:
            job = await self._job(row)
        except _LeftOut as reason:
            return str(reason)
        return "imported" if dry_run or await self._celery_jobs.add(job) else "there already"

    async def _job(self, row: CeleryJob) -> Job:
        status = _status(row)
        original, final = await self._artifact(row.original), await self._artifact(row.final)
        if original is None:
            raise _LeftOut("its recording is not in the bucket")
        if status is JobStatus.COMPLETED and final is None:
            raise _LeftOut("its music is not in the bucket")
        blueprint = _blueprint(row.blueprint)
        now = self._clock()
        return Job(
            id=_id(row),
            request=Request(original=original, filename=original.key.rsplit("/", 1)[-1], output_kind=_kind(blueprint)),
            status=status,
            version=1,
            blueprint=blueprint,
            final=final,
            error=_error(row) if status is JobStatus.FAILED else None,
            history=_history(row, status, now),
        )

    async def _artifact(self, url: str) -> Artifact | None:
        """Return the pointer to the object behind a URL or a key, or None if there is none."""
        if not (key := self._key(url)):
            return None
        try:
            return await self._store.stat(key)
        except (ObjectNotFound, ValueError):  # a folder refuses keys that it cannot hold
            return None

    def _key(self, url: str) -> str:
        path = unquote(urlsplit(url).path).lstrip("/")
        return path.removeprefix(f"{self._bucket}/")


def _status(row: CeleryJob) -> JobStatus:
    name = row.status.rpartition(".")[2].upper()  # an enumeration may have been stored as `JobStatus.COMPLETED`
    if name not in FINISHED:
        raise _LeftOut(f"it is {name or 'in no state'}; only finished ones are brought over")
    return JobStatus(name)


def _id(row: CeleryJob) -> JobId:
    try:
        return JobId(UUID(row.id))
    except ValueError:
        raise _LeftOut("its id is no UUID") from None


def _blueprint(document: Any) -> Blueprint | None:
    try:
        return parse(msgspec.json.decode(document) if isinstance(document, str) else document)
    except (InvalidBlueprint, msgspec.DecodeError):  # it was made by other rules; the music is what matters
        return None


def _kind(blueprint: Blueprint | None) -> OutputKind:
    return OutputKind(blueprint.metadata.get("output_kind", OutputKind.PREVIEW)) if blueprint else OutputKind.PREVIEW


def _error(row: CeleryJob) -> JobError:
    return JobError(
        code="tool_failed", message=row.error or "it failed in the version before this one", permanent=False
    )


def _history(row: CeleryJob, status: JobStatus, now: datetime) -> tuple[StatusChange, ...]:
    begun = row.created_at or row.updated_at or now
    return (StatusChange(JobStatus.PENDING, begun), StatusChange(status, max(begun, row.updated_at or now)))
