"""Direct uploads in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from application.ports.clock import Clock
from application.ports.uploads import KEPT, DirectUpload, TooManyUploads, UploadId, UploadNotFound, UploadUsed
from domain.jobs.job import JobId
from tests.support.fake_faults import Faults, faulty


class Row(msgspec.Struct):
    """A row."""

    upload: DirectUpload
    client: str
    created_at: datetime
    job_id: JobId | None = None


class InMemoryUploads:
    """Port `Uploads`.

    Attributes:
        rows: By the id of the upload.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rows: dict[UploadId, Row] = {}
        self.faults = Faults()

    @faulty
    async def add(self, upload: DirectUpload, client: str, most: int) -> None:
        rows = [row for row in self.rows.values() if self._is_new(row)]
        unused = [row for row in rows if row.client == client and row.job_id is None]
        if client and len(unused) >= most:
            raise TooManyUploads(most)
        self.rows[upload.id] = Row(upload, client, self._clock())

    @faulty
    async def find(self, upload_id: UploadId) -> DirectUpload:
        if (row := self.rows.get(upload_id)) is None or not self._is_new(row):
            raise UploadNotFound(upload_id)
        return row.upload

    @faulty
    async def take(self, upload_id: UploadId, job_id: JobId) -> None:
        if (row := self.rows.get(upload_id)) is None or row.job_id not in {None, job_id}:
            raise UploadUsed
        row.job_id = job_id

    @faulty
    async def give_back(self, upload_id: UploadId, job_id: JobId) -> None:
        if (row := self.rows.get(upload_id)) and row.job_id == job_id:
            row.job_id = None

    @faulty
    async def list_old(self, limit: int) -> Sequence[UploadId]:
        old = sorted((row.created_at, upload_id) for upload_id, row in self.rows.items() if not self._is_new(row))
        return [upload_id for _, upload_id in old[:limit]]

    @faulty
    async def forget(self, upload_ids: Collection[UploadId]) -> None:
        for upload_id in upload_ids:
            self.rows.pop(upload_id, None)

    def _is_new(self, row: Row) -> bool:
        return row.created_at > self._clock() - KEPT
