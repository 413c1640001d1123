"""Direct uploads in Postgres."""

from collections.abc import Collection, Sequence
from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.uploads import KEPT, DirectUpload, TooManyUploads, UploadId, UploadNotFound, UploadUsed
from domain.jobs.job import JobId

ADD_UPLOAD: Final = load_sql("add_upload")
FIND_UPLOAD: Final = load_sql("find_upload")
TAKE_UPLOAD: Final = load_sql("take_upload")
RETURN_UPLOAD: Final = load_sql("return_upload")
LIST_OLD_UPLOADS: Final = load_sql("list_old_uploads")
FORGET_UPLOADS: Final = load_sql("forget_uploads")


class PostgresUploads:
    """Implements `Uploads`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def add(self, upload: DirectUpload, client: str, most: int) -> None:
        """Insert the row."""
        arguments = (upload.id, upload.owner, client, upload.size, upload.mime_type, upload.filename, most, KEPT)
        async with connected(self._pool) as connection:
            added = await connection.fetchval(ADD_UPLOAD, *arguments)
        if added is None:
            raise TooManyUploads(most)

    async def find(self, upload_id: UploadId) -> DirectUpload:
        """Read the row."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(FIND_UPLOAD, upload_id, KEPT)
        if row is None:
            raise UploadNotFound(upload_id)
        return DirectUpload(id=upload_id, **row)

    async def take(self, upload_id: UploadId, job_id: JobId) -> None:
        """Update the row, if it is nobody else's."""
        async with connected(self._pool) as connection:
            taken = await connection.fetchval(TAKE_UPLOAD, upload_id, job_id)
        if taken is None:
            raise UploadUsed

    async def give_back(self, upload_id: UploadId, job_id: JobId) -> None:
        """Update the row."""
        async with connected(self._pool) as connection:
            await connection.execute(RETURN_UPLOAD, upload_id, job_id)

    async def list_old(self, limit: int) -> Sequence[UploadId]:
        """Read the oldest rows."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(LIST_OLD_UPLOADS, KEPT, limit)
        return [UploadId(row["id"]) for row in rows]

    async def forget(self, upload_ids: Collection[UploadId]) -> None:
        """Delete rows."""
        if upload_ids:
            async with connected(self._pool) as connection:
                await connection.execute(FORGET_UPLOADS, list(upload_ids))
