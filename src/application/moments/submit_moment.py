"""Submit a moment: store the recording, then the job, whose row is its place in the queue."""

from collections.abc import Callable

import msgspec

from application.ports.clock import Clock
from application.ports.jobs import JobRepository
from application.ports.objects import Chunks, ObjectStore
from domain.blueprints.blueprint import OutputKind, PartialBlueprint, parse_partial
from domain.errors import InvalidBlueprint, MomentError, Problem
from domain.jobs.job import Job, JobId, Request
from domain.recordings.sniffing import SNIFF_BYTES, audio_mime_type


class EmptyUpload(MomentError):
    """A file without content."""

    code = "empty_upload"
    permanent = True


class NotAudio(MomentError):
    """A file whose content is no audio format that we know."""

    code = "not_audio"
    permanent = True


class InvalidOutputKind(MomentError):
    """Neither preview nor song."""

    code = "invalid_output_kind"
    permanent = True

    def __init__(self, value: str) -> None:
        kinds = " or ".join(OutputKind)
        super().__init__(f"output_kind must be {kinds}, not {value[:40]!r}")


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What a musician sends.

    Attributes:
        chunks: The recording.
        filename: Its name on their device.
        output_kind: `preview`, `song`, or empty for what the blueprint's metadata says, else preview.
        blueprint_json: Any part of a blueprint as JSON text, or empty.
    """

    chunks: Chunks
    filename: str = ""
    output_kind: str = ""
    blueprint_json: str = ""


class SubmitMoment:
    """Accept a hum; nothing stays behind of one that is refused."""

    def __init__(self, jobs: JobRepository, store: ObjectStore, clock: Clock, new_id: Callable[[], JobId]) -> None:
        self._jobs = jobs
        self._store = store
        self._clock = clock
        self._new_id = new_id

    async def __call__(self, upload: Upload) -> Job:
        """Return the new job.

        Raises:
            InvalidBlueprint, InvalidOutputKind, EmptyUpload, NotAudio: The upload is refused.
            StorageUnavailable, StorageDenied, DatabaseUnavailable: It could not be kept.
        """
        blueprint = _read_blueprint(upload.blueprint_json)
        kind = _read_kind(upload.output_kind, blueprint)
        mime_type, chunks = await _sniff(upload.chunks)
        job_id = self._new_id()
        original = await self._store.put(f"{job_id}/original", chunks, mime_type)
        request = Request(original=original, filename=upload.filename, output_kind=kind, blueprint=blueprint)
        job = Job.submitted(job_id, request, self._clock())
        # Should this fail, the recording stays: the row may have been written and the answer lost, and a job without
        # its recording could only fail. Where there is no row, the sweeper takes the recording away.
        await self._jobs.add(job)
        return job


def _read_blueprint(text: str) -> PartialBlueprint:
    if not text.strip():
        return {}
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise InvalidBlueprint([Problem("", f"is not JSON: {error}")]) from error
    return parse_partial(document)


def _read_kind(field: str, blueprint: PartialBlueprint) -> OutputKind:
    wanted = field or str(blueprint.get("metadata", {}).get("output_kind", OutputKind.PREVIEW))
    try:
        return OutputKind(wanted)
    except ValueError:
        raise InvalidOutputKind(wanted) from None


async def _sniff(chunks: Chunks) -> tuple[str, Chunks]:
    """Return the media type by content, and the stream as it was before it was looked at."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    if not head:
        raise EmptyUpload("the file is empty")
    if (mime_type := audio_mime_type(head[:SNIFF_BYTES])) is None:
        raise NotAudio("the file is not audio that we know: send WAV, MP3, M4A, OGG, FLAC or WebM")
    return mime_type, _rejoined(head, chunks)


async def _rejoined(head: bytes, rest: Chunks) -> Chunks:
    yield head
    async for chunk in rest:
        yield chunk
