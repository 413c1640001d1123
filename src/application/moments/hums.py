"""The recording of a request: the one that it contains, or the one that it names."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from application.access import Caller
from application.moments.fetched_hums import FetchedHums
from application.moments.field_readers import InvalidFields
from application.moments.recordings import sniffed
from application.ports.objects import Chunks, ObjectStore
from domain.errors import MomentError, Problem
from domain.jobs.artifacts import Artifact

AUDIO_URL: Final = "audio_url"
SOURCES: Final = (AUDIO_URL,)
"""The fields that name a recording."""

LONGEST_NAME: Final = 255


class NoRecording(MomentError):
    """The request has no recording, and names none."""

    code = "file_missing"
    permanent = True

    def __init__(self) -> None:
        super().__init__(f"send the recording as a part named `file`, or name it in {AUDIO_URL}")


class Hum(msgspec.Struct, frozen=True):
    """A recording that is known to be one.

    Attributes:
        filename: What it is called where it comes from.
        store_as: Stores it under a key.
    """

    filename: str
    store_as: Callable[[str], Awaitable[Artifact]]


class Hums:
    """Opens recordings."""

    def __init__(self, store: ObjectStore, fetched: FetchedHums) -> None:
        self._store = store
        self._fetched = fetched

    @asynccontextmanager
    async def opened(
        self, chunks: Chunks | None, filename: str, fields: Mapping[str, str], caller: Caller
    ) -> AsyncIterator[Hum]:
        """Yield the recording of a request for the duration of the block.

        Args:
            chunks: What the request contains.
            filename: What it is called there.
            fields: Those of the request.
            caller: Who makes it.

        Raises:
            NoRecording, InvalidFields: There is none, or more than one.
            EmptyUpload, NotAudio: It is no recording.
            FetchRefused, AudioUrlNotAllowed, AudioUrlUnreachable, RecordingTooLarge: It cannot be fetched.
        """
        if url := _named(fields, chunks):
            async with self._fetched.opened(url, caller.client) as found:
                yield await self._hum(found, _name_in(url))
        elif chunks is not None:
            yield await self._hum(chunks, filename)
        else:
            raise NoRecording

    async def _hum(self, chunks: Chunks, filename: str) -> Hum:
        mime_type, whole = await sniffed(chunks)
        return Hum(filename, lambda key: self._store.put(key, whole, mime_type))


def _named(fields: Mapping[str, str], chunks: Chunks | None) -> str:
    """Return the URL that a request names instead of containing a recording."""
    url = fields.get(AUDIO_URL, "").strip()
    if url and chunks is not None:
        problem = Problem(f"/{AUDIO_URL}", "names a recording, and the request contains another one")
        raise InvalidFields([problem], code="invalid_field")
    return url


def _name_in(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])[:LONGEST_NAME]
