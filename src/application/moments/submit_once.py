"""Carry out a request with a key once, however often it is sent.

The key is claimed with the id of the job to be. A try that ends without an answer (the process died, the database was
away) leaves open whether the job is there: the next try has the same id, looks for it, and creates it only if it is
missing.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import anyio

from application.ports.jobs import JobNotFound, JobRepository
from application.ports.request_keys import Claim, Fingerprint, Kept, RequestKeys
from domain.errors import MomentError
from domain.jobs.job import Job, JobId

GIVING_BACK_SECONDS: Final = 2.0
"""For the key of a try that failed; without that, it is held for some minutes."""


class SubmitOnce:
    """Creates the job of a request with a key, or finds what was answered before."""

    def __init__(self, keys: RequestKeys, jobs: JobRepository, new_id: Callable[[], JobId]) -> None:
        self._keys = keys
        self._jobs = jobs
        self._new_id = new_id

    async def known(self, key: bytes, body: bytes) -> Kept | None:
        """Return what was answered to a request with this key and these bytes as its body."""
        return await self._keys.find(key, body)

    async def __call__(
        self, fingerprint: Fingerprint, submit: Callable[[JobId], Awaitable[Job]], write: Callable[[Job], str]
    ) -> tuple[Kept, bool]:
        """Return the answer, and whether it is that of an earlier request.

        Args:
            fingerprint: Of the request.
            submit: Creates its job.
            write: Returns the answer about a new job.

        Raises:
            KeyInUse, KeyReused: Another request has the key.
            MomentError: Whatever `submit` raises.
        """
        claim = await self._keys.claim(fingerprint, self._new_id())
        if isinstance(claim, Kept):
            return claim, True
        try:
            found = await self._find(claim)
            kept = Kept(claim.job_id, write(found or await submit(claim.job_id)))
            await self._keys.answer(fingerprint.key, kept)
        except BaseException as error:
            await self._give_back(fingerprint.key, claim, error)
            raise
        return kept, found is not None

    async def _find(self, claim: Claim) -> Job | None:
        """Return the job of an earlier try."""
        with suppress(JobNotFound):
            return (await self._jobs.get(claim.job_id)).job if claim.again else None
        return None

    async def _give_back(self, key: bytes, claim: Claim, error: BaseException) -> None:
        """Free the key of a refused request; of another, only its time: its job may be there."""
        refused = isinstance(error, MomentError) and error.permanent
        with anyio.move_on_after(GIVING_BACK_SECONDS, shield=True), suppress(MomentError):
            await (self._keys.forget if refused else self._keys.release)(key, claim.job_id)
