"""Share a moment: a link to its music for everybody, which says nothing else about it, and can be revoked.

A signed URL tells the key of its object, and the key the id of the job, which is the permission to change it. So a link
leads to a copy under a key of its own.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from typing import Final, Self

import msgspec

from application.moments.find_artifact import ArtifactNotFound, music_of
from application.ports.jobs import JobNotFound, JobRepository
from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.shares import Share, Shares
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.metadata import read_analysis
from domain.errors import InvalidBlueprint, MomentError
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job, JobId
from domain.music.styles.registry import resolve_style

PREFIX: Final = "shared"
_NOUNS: Final = {OutputKind.PREVIEW: "theme", OutputKind.SONG: "song"}

MOST_NOTES: Final = 512
"""Notes that are told: more than a minute of hum has."""

MOST_SECTIONS: Final = 128
LONGEST: Final = 3600.0
"""Seconds: of sections and of music, as long as a tool may say that a recording is."""

MAX_TOKEN: Final = 64
"""Characters: what is longer is no token."""


class ShareNotFound(MomentError):
    """No link has this token: it never had, was revoked, or its moment is gone."""

    code = "share_not_found"
    permanent = True

    def __init__(self) -> None:
        super().__init__("this link leads nowhere: it was revoked, or the music is gone")


class SharedSection(msgspec.Struct, frozen=True):
    """A section of the music, in its seconds, with its energy 0..1; the name may be the musician's own words."""

    start: float
    end: float
    energy: float


class SharedNote(msgspec.Struct, frozen=True):
    """A note of the tune, in seconds of the hum: a MIDI number, and how loud it was, 0..1."""

    start: float
    duration: float
    pitch: int
    loudness: float


class SharedMoment(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody who has the link may know.

    Attributes:
        title: In a few words, made of what follows.
        style: Its name; not the musician's own words.
        key: `Dm`; empty if unknown.
        tempo_bpm: 0 if unknown.
        seconds: How long the music is; absent where that is not known.
        content_type: Of the music.
        audio_url: A path on this host that leads to the music while the link lives.
        picture_url: And one that leads to a picture of it.
        sections: In order; none where the tools did not say.
        notes: In order, those that were meant; none where no tool heard the hum.
    """

    title: str
    style: str
    output_kind: OutputKind
    key: str
    tempo_bpm: int
    seconds: float | None
    content_type: str
    audio_url: str
    picture_url: str
    sections: tuple[SharedSection, ...]
    notes: tuple[SharedNote, ...]

    @classmethod
    def of(cls, job: Job, token: str) -> Self:
        """Return what is said of a job that has music."""
        blueprint, music = job.blueprint, music_of(job)
        style = resolve_style(blueprint.style if blueprint else "").name
        return cls(
            title=f"{style.capitalize()} {_NOUNS[job.request.output_kind]}",
            style=style,
            output_kind=job.request.output_kind,
            key=blueprint.key if blueprint else "",
            tempo_bpm=blueprint.tempo_bpm if blueprint else 0,
            seconds=job.music_seconds if 0 < job.music_seconds <= LONGEST else None,
            content_type=music.mime_type,
            audio_url=f"/m/{token}/audio",
            picture_url=f"/m/{token}/picture.png",
            sections=_sections_of(job),
            notes=_notes_of(job),
        )


def _sections_of(job: Job) -> tuple[SharedSection, ...]:
    """Return the sections; none if one cannot be drawn, which a foreign tool may have said."""
    form = next((made.form for made in job.checkpoints.values() if made.form), ())[:MOST_SECTIONS]
    sane = all(0 <= section.start <= section.end <= LONGEST and 0 <= section.energy <= 1 for section in form)
    return tuple(SharedSection(section.start, section.end, section.energy) for section in form) if sane else ()


def _notes_of(job: Job) -> tuple[SharedNote, ...]:
    """Return the notes that were meant; analyses of versions up to 0.2 have only those that were hummed."""
    heard = None
    with suppress(InvalidBlueprint):  # of the Celery version, whose jobs were imported as they were
        heard = read_analysis(job.blueprint.metadata) if job.blueprint else None
    if heard is None:
        return ()
    pitches = heard.written or tuple(round(note.pitch) for note in heard.notes)
    pairs = islice(zip(heard.notes, pitches, strict=False), MOST_NOTES)
    return tuple(SharedNote(note.onset, note.duration, pitch, note.loudness) for note, pitch in pairs)


class ShareMoment:
    """Make a link to the music of a moment.

    Args:
        require_bucket: Raises `WrongBucket` if the store is not the one of the jobs.
        new_token: Returns one that nobody can guess.
    """

    def __init__(
        self,
        jobs: JobRepository,
        shares: Shares,
        store: ObjectStore,
        require_bucket: Callable[[], Awaitable[None]],
        new_token: Callable[[], str],
    ) -> None:
        self._jobs = jobs
        self._shares = shares
        self._store = store
        self._require_bucket = require_bucket
        self._new_token = new_token

    async def __call__(self, job_id: JobId) -> Share:
        """Return the link of a job: the same until it is revoked.

        Raises:
            JobNotFound: There is no such job.
            ArtifactNotReady, ArtifactNotFound: It has no music yet, or will have none.
            JobUnreadable, WrongBucket, StorageUnavailable, StorageDenied, DatabaseUnavailable: It cannot be done now.
        """
        music = music_of((await self._jobs.get(job_id)).job)
        token = self._new_token()
        share = await self._shares.add(job_id, token, shared_key(token, music))
        if not share.stored:
            await self._require_bucket()
            await self._copy(music, share)
            if not await self._shares.confirm(share.token):  # revoked meanwhile
                await self._store.delete(share.key)
        return share

    async def _copy(self, music: Artifact, share: Share) -> None:
        try:
            await self._store.copy(music.key, share.key)
        except ObjectNotFound as error:
            raise ArtifactNotFound(f"the music of the job {share.job_id} is no longer stored") from error


class ReadShare:
    """Read what a link leads to."""

    def __init__(self, jobs: JobRepository, shares: Shares, urls: UrlSigner) -> None:
        self._jobs = jobs
        self._shares = shares
        self._urls = urls

    async def __call__(self, token: str) -> SharedMoment:
        """Return what the page of a link says.

        Raises:
            ShareNotFound: There is no such link.
            JobUnreadable, DatabaseUnavailable: It cannot be read now.
        """
        _, job = await self._find(token)
        return SharedMoment.of(job, token)

    async def audio(self, token: str) -> str:
        """Return a signed URL of the music.

        Raises:
            ShareNotFound: There is no such link.
            JobUnreadable, DatabaseUnavailable: It cannot be read now.
        """
        share, _ = await self._find(token)
        return await self._urls.sign_get(share.key)

    async def _find(self, token: str) -> tuple[Share, Job]:
        share = await self._shares.find(token) if len(token) <= MAX_TOKEN else None
        if share is None or not share.stored:
            raise ShareNotFound
        try:
            return share, (await self._jobs.get(share.job_id)).job
        except JobNotFound as error:
            raise ShareNotFound from error


def shared_key(token: str, music: Artifact) -> str:
    """Return the key of the copy of a link: of no job, so that no sweep takes it for an orphan."""
    return f"{PREFIX}/{sha256(token.encode()).hexdigest()}/music.{music.key.rpartition('.')[2]}"
