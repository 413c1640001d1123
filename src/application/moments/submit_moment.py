"""Submit a moment: store the recording, then the job, whose row is its place in the queue."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from application.access import ANYBODY, Caller
from application.ports.clock import Clock
from application.ports.jobs import JobRepository
from application.ports.objects import Chunks, ObjectStore
from domain.blueprints.blueprint import FIELDS, OutputKind, PartialBlueprint
from domain.blueprints.normalisation import chosen_word
from domain.blueprints.problems import escaped
from domain.blueprints.validation import parse_json
from domain.errors import MomentError, Problem
from domain.jobs.artifacts import OptionalArtifact
from domain.jobs.job import Job, JobId, Request
from domain.jobs.keys import original_key
from domain.music.styles.registry import DEFAULT_STYLE, STYLES, meaning_of
from domain.music.theory.chord_symbols import parse_chord
from domain.recordings.sniffing import SNIFF_BYTES, audio_mime_type
from domain.warnings import RequestWarning, WarningCode

LONGEST_PATH: Final = 4096
_WORDS_SHOWN: Final = 8
_LONGEST_WORD: Final = 30
"""How many words that mean nothing a warning shows, and how many letters of each."""

FILE_NAME: Final = re.compile(r".\.\w{2,5}$")
"""How the name of a recording ends."""


class EmptyUpload(MomentError):
    """The uploaded file is empty."""

    code = "empty_upload"
    permanent = True


class NotAudio(MomentError):
    """The uploaded file is in no audio format that we support."""

    code = "not_audio"
    permanent = True


class InvalidOutputKind(MomentError):
    """The output kind is neither `preview` nor `song`."""

    code = "invalid_output_kind"
    permanent = True

    def __init__(self, value: str) -> None:
        wrong = f"must be {' or '.join(OutputKind)}, not {value[:40]!r}"
        super().__init__(f"output_kind {wrong}")
        self.problems = [Problem("/output_kind", wrong)]


class UnknownArtifact(MomentError):
    """The form asks for something that is not made."""

    code = "unknown_artifact"
    permanent = True

    def __init__(self, name: str) -> None:
        wrong = f"{name[:40]!r} is not one of {', '.join(OptionalArtifact)}"
        super().__init__(f"artifacts: {wrong}")
        self.problems = [Problem("/artifacts", wrong)]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What a musician sends.

    Attributes:
        chunks: The recording.
        filename: Its name on their device.
        output_kind: `preview`, `song`, or empty for that of the blueprint's metadata, else the default.
        blueprint_json: Any part of a blueprint as JSON text, or empty.
        artifacts: Names of `OptionalArtifact`, separated by commas, or empty.
        request_id: The id of the HTTP request, or empty.
        ignored: The names of other fields that they sent.
        caller: Who sends it.
    """

    chunks: Chunks
    filename: str = ""
    output_kind: str = ""
    blueprint_json: str = ""
    artifacts: str = ""
    request_id: str = ""
    ignored: tuple[str, ...] = ()
    caller: Caller = ANYBODY


class SubmitMoment:
    """Accept a hum; of one that is refused, nothing is kept.

    Args:
        require_bucket: Raises `WrongBucket` if the store is not the one of the jobs.
        default_kind: The output kind of requests that name none.
    """

    def __init__(
        self,
        jobs: JobRepository,
        store: ObjectStore,
        require_bucket: Callable[[], Awaitable[None]],
        clock: Clock,
        new_id: Callable[[], JobId],
        *,
        default_kind: OutputKind = OutputKind.PREVIEW,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._require_bucket = require_bucket
        self._clock = clock
        self._new_id = new_id
        self._default_kind = default_kind

    async def __call__(self, upload: Upload, job_id: JobId | None = None) -> Job:
        """Return the new job, of this id if one is given.

        Raises:
            InvalidBlueprint, InvalidOutputKind, UnknownArtifact, EmptyUpload, NotAudio: The upload is refused.
            WrongBucket, StorageUnavailable, StorageDenied, DatabaseUnavailable: It could not be stored.
        """
        blueprint = parse_json(upload.blueprint_json)
        kind = _read_kind(upload.output_kind, blueprint, self._default_kind)
        artifacts = _read_artifacts(upload.artifacts)
        mime_type, chunks = await _sniff(upload.chunks)
        await self._require_bucket()
        job_id = job_id or self._new_id()
        original = await self._store.put(original_key(job_id), chunks, mime_type)
        request = Request(
            original=original,
            filename=upload.filename,
            output_kind=kind,
            blueprint=blueprint,
            request_id=upload.request_id,
            artifacts=artifacts,
            owner=upload.caller.owner,
            client=upload.caller.client,
            warnings=(*map(_ignored, upload.ignored), *_style_warnings(blueprint), *_chord_warnings(blueprint)),
        )
        job = Job.submitted(job_id, request, self._clock())
        # If this fails, the recording stays: the row may have been written and only the response lost, and a job
        # without its recording can only fail. If there is no row, housekeeping removes the recording.
        await self._jobs.add(job)
        return job


def _read_kind(field: str, blueprint: PartialBlueprint, default: OutputKind) -> OutputKind:
    wanted = chosen_word(field) or blueprint.get("metadata", {}).get("output_kind", default)
    try:
        return OutputKind(wanted)
    except ValueError:
        raise InvalidOutputKind(field) from None


def _read_artifacts(field: str) -> tuple[str, ...]:
    names = [name for part in field.split(",") if (name := part.strip().lower())]
    if unknown := next((name for name in names if name not in set(OptionalArtifact)), None):
        raise UnknownArtifact(unknown)
    return tuple(dict.fromkeys(names))


def _ignored(field: str) -> RequestWarning:
    hint = f"; put it into blueprint_json: {{{field!r}: …}}".replace("'", '"') if field in FIELDS else ""
    message = f"is not a known field; it was ignored{hint}"
    return RequestWarning(WarningCode.UNKNOWN_FIELD, f"/{escaped(field)}", message)


def _style_warnings(blueprint: PartialBlueprint) -> tuple[RequestWarning, ...]:
    meaning = meaning_of(blueprint.get("style", DEFAULT_STYLE))
    if not (meaning.style or meaning.moods):
        message = f"no style is known by these words; this will be {DEFAULT_STYLE} ({', '.join(STYLES)})"
        return (RequestWarning(WarningCode.UNKNOWN_STYLE, "/style", message),)
    if not meaning.unknown:
        return ()
    words = ", ".join(word[:_LONGEST_WORD] for word in meaning.unknown[:_WORDS_SHOWN])
    message = f"these words mean nothing here: {words}"
    return (RequestWarning(WarningCode.UNKNOWN_WORDS, "/style", message),)


def _chord_warnings(blueprint: PartialBlueprint) -> tuple[RequestWarning, ...]:
    symbols = blueprint.get("metadata", {}).get("chords", [])
    unknown = [str(symbol) for symbol in symbols if parse_chord(str(symbol)) is None]
    if not unknown:
        return ()
    message = f"these are no chord symbols: {', '.join(unknown[:_WORDS_SHOWN])}; the composer chooses all chords"
    return (RequestWarning(WarningCode.UNKNOWN_CHORDS, "/metadata/chords", message),)


async def _sniff(chunks: Chunks) -> tuple[str, Chunks]:
    """Return the media type by content, and the whole stream again."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    if not head:
        raise EmptyUpload("the file is empty")
    if (mime_type := audio_mime_type(head[:SNIFF_BYTES])) is None:
        raise NotAudio(f"unsupported audio format: send WAV, MP3, M4A, OGG, FLAC or WebM{_slip(head)}")
    return mime_type, _rejoined(head, chunks)


def _slip(head: bytes) -> str:
    """Return a question about a file that is the name of one: curl sends what `-F file=…` names only after an `@`."""
    text = head.decode(errors="replace").strip()
    is_name = len(head) <= LONGEST_PATH and "\ufffd" not in text and text.isprintable() and FILE_NAME.search(text)
    return "; it is only the name of a file: is the @ missing, as in curl -F file=@hum.wav?" if is_name else ""


async def _rejoined(head: bytes, rest: Chunks) -> Chunks:
    yield head
    async for chunk in rest:
        yield chunk
