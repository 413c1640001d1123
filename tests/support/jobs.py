"""Jobs, blueprints and times for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from application.ports.queue import ClaimRequest
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.validation import parse
from domain.errors import JobError
from domain.jobs.artifacts import Artifact, Checkpoint, Stem
from domain.jobs.job import Job, JobId, Request
from domain.jobs.transitions import (
    Analyzed,
    Cancelled,
    Event,
    Failed,
    JobStatus,
    Mixed,
    Rendered,
    Retried,
    Started,
    StemsDiscarded,
    StemSettled,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JOB_ID = JobId(UUID("00000000-0000-4000-8000-000000000001"))


def a_blueprint(**fields: Any) -> Blueprint:
    """Return a small valid blueprint, with these fields instead."""
    document: dict[str, Any] = {
        "id": "bp-1",
        "style": "cinematic",
        "tempo_bpm": 96,
        "key": "Am",
        "sections": [{"name": "theme", "bars": 8}],
        "lyrics": "Mm",
        "voice": {"voice_id": "hummer"},
    }
    return parse({**document, **fields})


def an_artifact(name: str = "original", job_id: JobId = JOB_ID) -> Artifact:
    """Return a pointer to an object that need not exist."""
    return Artifact(key=f"{job_id}/{name}", size=10, mime_type="audio/wav", sha256="ab" * 32)


def a_job(
    job_id: JobId = JOB_ID, *, now: datetime = NOW, kind: OutputKind = OutputKind.PREVIEW, **blueprint: Any
) -> Job:
    """Return a job that waits."""
    request = Request(original=an_artifact(job_id=job_id), filename="hum.wav", output_kind=kind, blueprint=blueprint)
    return Job.submitted(job_id, request, NOW)


def a_job_of(client: str, kind: OutputKind = OutputKind.PREVIEW, **more: Any) -> Job:
    """Return a new job of a client that waits; `more` are fields of its request."""
    job = a_job(JobId(uuid4()), kind=kind)
    return msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, client=client, **more))


def room_for(worker: str, slots: int, **more: Any) -> ClaimRequest:
    """Return what a worker asks for that can run every kind of moment."""
    return ClaimRequest(worker=worker, slots=slots, **more)


def a_checkpoint(stem: Stem) -> Checkpoint:
    """Return a settled stem that took a second."""
    chords = ("Am", "F", "C", "G") if stem is Stem.INSTRUMENTAL else ()
    return Checkpoint(artifact=an_artifact(stem), started_at=NOW, finished_at=NOW + timedelta(seconds=1), chords=chords)


STARTED = Started(a_blueprint(style="draft"))
ANALYZED = Analyzed(a_blueprint())
VOCALS = StemSettled(Stem.VOCALS, a_checkpoint(Stem.VOCALS))
INSTRUMENTAL = StemSettled(Stem.INSTRUMENTAL, a_checkpoint(Stem.INSTRUMENTAL))
RENDERED = Rendered()
DISCARDED = StemsDiscarded()
MIXED = Mixed(an_artifact("final.mp3"))
FAILED = Failed(JobError("hum_silent", "the recording is silent", permanent=True))
CANCELLED = Cancelled()
RETRIED = Retried()

HAPPY_PATH: list[Event] = [STARTED, ANALYZED, VOCALS, INSTRUMENTAL, RENDERED, MIXED]


def an_owned_job(owner: str, job_id: JobId = JOB_ID) -> Job:
    """Return a waiting job that was sent with a key of an owner."""
    job = a_job(job_id)
    return msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, owner=owner))


def a_job_that_is(status: JobStatus, job_id: JobId = JOB_ID) -> Job:
    """Return a job in this state, reached by a legal path (RENDERING and beyond with both stems settled)."""
    job = a_job(job_id)
    if status is JobStatus.FAILED:
        return job.on(FAILED, NOW)
    if status is JobStatus.CANCELLED:
        return job.on(CANCELLED, NOW)
    for event in HAPPY_PATH:
        if job.status is status and not (status is JobStatus.RENDERING and len(job.checkpoints) < len(Stem)):
            return job
        job = job.on(event, NOW)
    return job
