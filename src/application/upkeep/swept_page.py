"""A page of the object store beside what the database knows about it: which of its objects are orphans."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from application.ports.orphans import Orphan
from domain.jobs.job import Job, JobId

SUSPICIOUS: Final = 20
"""So many objects without a job in a page may be there for innocent reasons."""

SUSPICIOUS_SHARE: Final = 0.5
"""Beyond that number, such a share of a page stops the sweep."""


class SweptPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the store beside what the database knows about it.

    Attributes:
        cursor: Where the next page begins.
        keys: Its objects that are old enough, by job; keys that are not ours are left out.
        useless: Its objects of no job that nobody can use any more: old direct uploads, samples and pages of former
            versions, old probes.
        jobs: Those of the jobs that have a row; None for one that this version cannot read.
        orphans: Those of the jobs that are in quarantine.
    """

    cursor: str
    keys: dict[JobId, list[str]]
    useless: Sequence[str] = ()
    jobs: dict[JobId, Job | None]
    orphans: dict[JobId, Orphan]

    @property
    def objects(self) -> int:
        """The number of objects."""
        return sum(map(len, self.keys.values()))

    @property
    def unexplained(self) -> int:
        """The number of objects whose jobs have no row, without those that an operator has accepted as orphans."""
        return sum(
            len(self.keys[job]) for job in self.rowless if not (known := self.orphans.get(job)) or not known.accepted
        )

    @property
    def is_suspicious(self) -> bool:
        """Whether a wrong database is a likelier cause than a few interrupted uploads."""
        return self.unexplained > max(SUSPICIOUS, SUSPICIOUS_SHARE * self.objects)

    @property
    def rowless(self) -> set[JobId]:
        """The jobs without a row."""
        return self.keys.keys() - self.jobs.keys()

    def ripe(self, before: datetime) -> set[JobId]:
        """Return the jobs without a row that were put into quarantine before a time."""
        return {job for job in self.rowless & self.orphans.keys() if self.orphans[job].seen_at <= before}

    def superseded(self) -> Iterator[str]:
        """Yield the objects that a finished job does not point to; of a running job, they may be the next result."""
        for job_id, job in self.jobs.items():
            if job and job.status.terminal:
                kept = job.objects
                yield from (key for key in self.keys[job_id] if not any(it.startswith(key) for it in kept))
