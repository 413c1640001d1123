"""Share a moment: a link to its music for everybody, which says nothing else about it, and can be revoked.

A signed URL tells the key of its object, and the key the id of the job, which is the permission to change it. So a link
leads to a copy under a key of its own.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from application.moments.find_artifact import ArtifactNotFound, music_of
from application.moments.shared_moment import SharedMoment
from application.ports.jobs import JobNotFound, JobRepository
from application.ports.objects import ObjectNotFound, ObjectStore, UrlSigner
from application.ports.shares import Share, Shares
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job, JobId

PREFIX: Final = "shared"
MAX_TOKEN: Final = 64
"""Characters: what is longer is no token."""


class ShareNotFound(MomentError):
    """No link has this token: it never had, was revoked, or its moment is gone."""

    code = "share_not_found"
    permanent = True

    def __init__(self) -> None:
        super().__init__("this link leads nowhere: it was revoked, or the music is gone")


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
