"""The answer to a request that creates a job: carried out once, if the request has an `Idempotency-Key`."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import msgspec
from litestar.types import ASGIApp

from application import telemetry
from application.moments.style_resolved import StyleResolved
from application.moments.submit_once import SubmitOnce
from application.ports.request_keys import Fingerprint
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from domain.warnings import RequestWarning
from entrypoints.api.idempotency import REPLAYED, KeyedRequest
from entrypoints.api.raw_responses import EncodedJson

_encoder: Final = msgspec.json.Encoder()


class Accepted(msgspec.Struct, frozen=True):
    """A moment that waits for a worker; `warnings` say what has no effect in it."""

    job_id: UUID
    status: JobStatus
    style_resolved: StyleResolved
    warnings: tuple[RequestWarning, ...] = ()


async def answered_before(keyed: KeyedRequest, submit_once: SubmitOnce) -> ASGIApp | None:
    """Return the answer to a request whose announced body was answered before; nothing of it has to arrive."""
    if keyed.key and keyed.announced and (kept := await submit_once.known(keyed.key, keyed.announced)):
        return _response(kept.job_id, kept.answer, replayed=True)
    return None


async def create_job(
    submit: Callable[[JobId | None], Awaitable[Job]], fingerprint: Fingerprint | None, submit_once: SubmitOnce
) -> ASGIApp:
    """Return the answer about the job of a request.

    Args:
        submit: Creates it, with this id if one is given.
        fingerprint: Of the request; None if it has no key.
        submit_once: Carries out requests with a key.

    Raises:
        KeyInUse, KeyReused: Another request has the key.
        MomentError: Whatever `submit` raises.
    """
    if fingerprint is None:
        job = await submit(None)
        return _response(job.id, _answer(job))
    kept, replayed = await submit_once(fingerprint, submit, _answer)
    return _response(kept.job_id, kept.answer, replayed=replayed)


def _answer(job: Job) -> str:
    """Return the answer to the request for a job: the same in every try, whatever has become of the job."""
    style = StyleResolved.of(job.request.blueprint)
    return _encoder.encode(Accepted(job.id, JobStatus.PENDING, style, job.request.warnings)).decode()


def _response(job_id: JobId, answer: str, *, replayed: bool = False) -> ASGIApp:
    telemetry.job_id.set(str(job_id))
    headers = [(b"location", f"/v1/status/{job_id}".encode())]
    if replayed:
        headers.append((REPLAYED.lower().encode(), b"true"))
    return EncodedJson(answer.encode(), headers, status=202)
