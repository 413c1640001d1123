"""The invariants of jobs and objects that must hold after a chaos run."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from math import inf
from typing import Final

from domain.jobs.artifacts import Artifact, Stem
from domain.jobs.attempts import ATTEMPTS_KEPT
from domain.jobs.job import Job
from domain.jobs.transitions import TABLE, JobStatus
from tests.support.chaos_stores import StoreContents
from tests.support.chaos_tools import DOOM, DOOMED, Call, expected_file
from tests.support.housekeeping import is_of_no_job
from tests.support.processes import Row, ServiceProcesses

STEPS: Final = {(before, after) for (before, _), after in TABLE.items()}
EVENTS_TO_COMPLETION: Final = 6
"""Started, Analyzed, two stems settled, Rendered, Mixed."""

CLOCK_SECONDS: Final = 0.5
"""A job's times lag behind by what the response to its claim took."""


class Invariants:
    """Checks everything that the service wrote, read once."""

    def __init__(self, service: ServiceProcesses, rows: dict[str, Row], contents: StoreContents) -> None:
        self.rows = rows
        self._contents = contents
        self._calls = service.calls()
        # A worker that wakes may have sent a call before it looks at the clock; it cancels that within the millisecond.
        self._analyses = [call for end in ("answered", "failed") for call in service.calls("analyze_hum", what=end)]

    def problems(self) -> list[str]:
        """Return every violated invariant."""
        found = [problem for row in self.rows.values() for problem in self._problems_of(row)]
        drafts = [f"draft left: {key}" for key in self._contents.drafts if not is_of_no_job(key)]
        return found + drafts + self._repeated_calls()

    def orphans(self, keys: Iterable[str]) -> list[str]:
        """Return the objects that no row points to."""
        known = {key for row in self.rows.values() for key in row.job.objects}
        return sorted(key for key in set(keys) - known if not is_of_no_job(key))

    def unexplained_orphans(self) -> list[str]:
        """Return the orphans that no lost claim, failed job or rejected upload explains."""
        return [key for key in self.orphans(self._contents.contents) if not self._is_explained(key)]

    def _is_explained(self, key: str) -> bool:
        job_id, folder, *_ = key.split("/")
        row = self.rows.get(job_id)
        return row is None or row.job.refused or (folder.isdigit() and int(folder) < row.token)

    def _problems_of(self, row: Row) -> list[str]:
        job = row.job
        doom = str(job.request.blueprint.get("lyrics", "")).startswith(DOOM)
        expected = JobStatus.FAILED if doom else JobStatus.COMPLETED
        checks = {
            f"ended {job.status}, {job.error}": job.status is expected,
            f"failed for {job.error}": not doom or (job.error is not None and job.error.code == DOOMED),
            "still held": not row.held,
            f"went {[str(visit.status) for visit in job.history]}": _legal(job),
            f"is version {job.version}": doom or _has_version(job),
            f"has {row.errors} errors, {job.attempts}": row.errors == 0,
            "has no whole result": doom or self._is_complete(row),
        }
        return [f"{job.id} {problem}" for problem, good in checks.items() if not good]

    def _is_complete(self, row: Row) -> bool:
        """Return whether every object exists as its row says, and the final one was made from this hum."""
        contents = {artifact.key: self._content(artifact) for artifact in row.artifacts}
        final, original = row.job.final, row.job.request.original
        if final is None or final.key != f"{row.job.id}/{row.token}/final.mp3" or not all(contents.values()):
            return False
        return contents[final.key] == expected_file(contents[original.key], str(row.job.id))

    def _content(self, artifact: Artifact) -> bytes:
        """Return the content of an artifact, empty unless it is complete."""
        content = self._contents.contents.get(artifact.key, b"")
        digest = hashlib.sha256(content).hexdigest() if artifact.sha256 or self._contents.digests else ""
        return content if (len(content), digest) == (artifact.size, artifact.sha256) else b""

    def _repeated_calls(self) -> list[str]:
        """Return calls whose result already existed, and calls made twice under one claim."""
        twice = Counter((call.job, call.tool, call.token) for call in self._calls if call.token)
        again = [f"{key} called {times} times" for key, times in twice.items() if times > 1]
        late = [call for call in self._analyses if self._analyzed_at(call.job) + CLOCK_SECONDS < call.at]
        late += [call for call in self._calls if call.job in self.rows and self._settled_before(call)]
        return again + [f"{call} after it was settled" for call in late]

    def _analyzed_at(self, job_id: str) -> float:
        """Return when the analysis was stored, in seconds since the epoch."""
        visits = self.rows[job_id].job.history if job_id in self.rows else ()
        return next((visit.at.timestamp() for visit in visits if visit.status is JobStatus.RENDERING), inf)

    def _settled_before(self, call: Call) -> bool:
        """Return whether an older claim had already stored the result of this call."""
        job = self.rows[call.job].job
        made = job.checkpoints.get(Stem(call.tool.removeprefix("render_"))) if call.tool.startswith("render") else None
        artifact = made.artifact if made else job.final if call.tool in {"synthesize_preview", "create_song"} else None
        return artifact is not None and call.token > int(artifact.key.split("/")[1])


def _has_version(job: Job) -> bool:
    """Return whether nothing but its way and its attempts changed the job."""
    least = EVENTS_TO_COMPLETION + len(job.attempts)
    return job.version == least or (len(job.attempts) == ATTEMPTS_KEPT and job.version > least)


def _legal(job: Job) -> bool:
    path = [visit.status for visit in job.history]
    steps = set(pairwise(path)) <= STEPS and path[0] is JobStatus.PENDING and path[-1] is job.status
    return steps and len(set(path)) == len(path)
