"""The recording of a request: the one that it contains, or the one that it names."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from application.access import Caller
from application.moments.direct_uploads import DirectUploads
from application.moments.fetched_hums import FetchedHums
from application.moments.field_readers import InvalidFields
from application.moments.recordings import LONGEST_NAME, Hum, sniffed
from application.ports.objects import Chunks, ObjectStore
from application.ports.uploads import UploadId
from domain.errors import MomentError, Problem
from domain.jobs.job import JobId

AUDIO_URL: Final = "audio_url"
UPLOAD_ID: Final = "upload_id"
SOURCES: Final = (AUDIO_URL, UPLOAD_ID)
"""The fields that name a recording."""


class NoRecording(MomentError):
    """The request has no recording, and names none."""

    code = "file_missing"
    permanent = True

    def __init__(self) -> None:
        super().__init__(f"send the recording as a part named `file`, or name it in {AUDIO_URL} or {UPLOAD_ID}")


class Hums:
    """Opens recordings."""

    def __init__(self, store: ObjectStore, fetched: FetchedHums, uploaded: DirectUploads) -> None:
        self._store = store
        self._fetched = fetched
        self._uploaded = uploaded

    @asynccontextmanager
    async def opened(
        self, job_id: JobId, received: Hum | None, fields: Mapping[str, str], caller: Caller
    ) -> AsyncIterator[Hum]:
        """Yield the recording of a request for the duration of the block.

        Args:
            job_id: The job to be.
            received: What the request contains.
            fields: Those of the request.
            caller: Who makes it.

        Raises:
            NoRecording, InvalidFields: There is none, or more than one.
            EmptyUpload, NotAudio: It is no recording.
            FetchRefused, AudioUrlNotAllowed, AudioUrlRefused, AudioUrlUnreachable: It cannot be fetched.
            RecordingTooLarge: It is not fetched to its end.
            UploadNotFound, UploadUsed, UploadIncomplete: It cannot be used.
        """
        named = _only_one(fields, received)
        if url := named.get(AUDIO_URL):
            async with self._fetched.opened(url, caller.client) as found:
                yield await self._hum(found, _name_in(url))
        elif upload := named.get(UPLOAD_ID):
            async with self._uploaded.opened(UploadId(UUID(upload)), caller, job_id) as hum:
                yield hum
        elif received is not None:
            yield received
        else:
            raise NoRecording

    async def _hum(self, chunks: Chunks, filename: str) -> Hum:
        mime_type, whole = await sniffed(chunks)
        return Hum(filename, lambda key: self._store.put(key, whole, mime_type))


def _only_one(fields: Mapping[str, str], received: Hum | None) -> dict[str, str]:
    """Return the field that names a recording, unless the request contains one."""
    named = {name: text for name in SOURCES if (text := fields.get(name, "").strip())}
    if len(named) + (received is not None) > 1:
        problems = [Problem(f"/{name}", "names a recording, and the request has another one") for name in named]
        raise InvalidFields(problems, code="invalid_field")
    return named


def _name_in(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])[:LONGEST_NAME]
