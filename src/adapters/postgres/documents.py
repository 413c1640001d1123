"""The documents of jobs, as they are stored: what the state machine has made, as JSON."""

import logging
from functools import lru_cache
from typing import Final

import asyncpg
import msgspec

from application.ports.jobs import JobUnreadable
from domain.jobs.job import Job, JobId

DOCUMENT_FORMAT: Final = 1
"""The format of documents that this version writes, and the newest that it reads. It grows when a document is written
that the version before cannot read; then this version is to read both."""

CACHED_DOCUMENTS: Final = 256
CACHED_CHARS: Final = 16 * 1024
"""How many decoded documents are cached, and how long each may be: decoded, it takes about ten times the memory."""

_decoder: Final = msgspec.json.Decoder(Job)
_encoder: Final = msgspec.json.Encoder()

log: Final = logging.getLogger(__name__)


def write_document(job: Job) -> str:
    """Return the document of a job, as it is stored."""
    return _encoder.encode(job).decode()


def read_document(document: str) -> Job:
    """Return the job of a stored document; cached, because a client that polls reads the same document many times.

    Raises:
        msgspec.DecodeError: This version cannot read it.
    """
    return _decode_cached(document) if len(document) <= CACHED_CHARS else _decoder.decode(document)


@lru_cache(CACHED_DOCUMENTS)
def _decode_cached(document: str) -> Job:
    return _decoder.decode(document)


def read_if_possible(row: asyncpg.Record) -> Job | None:
    """Return the job of a row with `id` and `document`; log it and return None if this version cannot read it."""
    try:
        return read_document(row["document"])
    except msgspec.DecodeError as error:
        log.error("job %s cannot be read and is left as it is: %s", row["id"], error)  # noqa: TRY400 - the message says what is wrong
        return None


def reason_of(job: Job) -> str:
    """Return the code of the error that ended a job, or nothing."""
    return job.error.code if job.error else ""


def read_or_raise(job_id: JobId, document: str) -> Job:
    """Return the job of a stored document.

    Raises:
        JobUnreadable: A newer version wrote it.
    """
    try:
        return read_document(document)
    except msgspec.DecodeError as error:
        raise JobUnreadable(job_id) from error
