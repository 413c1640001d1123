"""Submit a moment: store the recording, then the job, whose row is its place in the queue."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from application.access import ANYBODY, Caller
from application.moments.admission import Admission
from application.moments.field_readers import Setting
from application.moments.hums import Hums
from application.moments.recordings import Hum
from application.moments.request_fields import read_fields
from application.moments.request_warnings import warnings_about
from application.moments.webhooks import Webhooks
from application.ports.clock import Clock
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import Job, JobId, Request
from domain.jobs.keys import original_key


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What a musician sends.

    Attributes:
        hum: The recording; None if it is elsewhere, as a field says.
        fields: The texts of those of `FIELDS` that they sent.
        request_id: The id of the HTTP request, or empty.
        ignored: The names of other fields that they sent.
        caller: Who sends it.
    """

    hum: Hum | None
    fields: Mapping[str, str] = {}
    request_id: str = ""
    ignored: tuple[str, ...] = ()
    caller: Caller = ANYBODY


class SubmitMoment:
    """Accept a hum; of one that is refused, nothing is kept.

    Args:
        require_bucket: Raises `WrongBucket` if the store is not the one of the jobs.
        webhooks: Admits what requests name.
        default_kind: The output kind of requests that name none.
    """

    def __init__(
        self,
        admission: Admission,
        hums: Hums,
        require_bucket: Callable[[], Awaitable[None]],
        clock: Clock,
        new_id: Callable[[], JobId],
        *,
        webhooks: Webhooks,
        default_kind: OutputKind = OutputKind.PREVIEW,
    ) -> None:
        self._admission = admission
        self._hums = hums
        self._require_bucket = require_bucket
        self._webhooks = webhooks
        self._clock = clock
        self._new_id = new_id
        self._default_kind = default_kind

    async def __call__(self, upload: Upload, job_id: JobId | None = None) -> Job:
        """Return the new job, of this id if one is given.

        Raises:
            InvalidBlueprint, InvalidFields: The upload is refused.
            QuotaExceeded: The caller has used up what they may.
            MomentError: Its recording is, as `Hums.opened` says.
            WebhooksNotConfigured, EndpointDisabled: Its webhook cannot be sent.
            QueueFull, TooManyWaiting: There is no room for it.
            WrongBucket, StorageUnavailable, StorageDenied, DatabaseUnavailable: It could not be stored.
        """
        setting = Setting(
            now=self._clock(),
            caller=upload.caller,
            default_kind=self._default_kind,
            check_webhook=self._webhooks.check_url,
        )
        fields = read_fields(upload.fields, setting)
        if fields["webhook"]:
            await self._webhooks.admit(upload.caller.owner, fields["webhook"])
        await self._admission.require_quota(upload.caller)
        job_id = job_id or self._new_id()
        async with self._hums.opened(job_id, upload.hum, upload.fields, upload.caller) as hum:
            await self._require_bucket()
            original = await hum.store_as(original_key(job_id))
            request = Request(
                original=original,
                filename=hum.filename,
                request_id=upload.request_id,
                owner=upload.caller.owner,
                client=upload.caller.client,
                warnings=warnings_about(fields["blueprint"], upload.fields, upload.ignored),
                **fields,
            )
            job = Job.submitted(job_id, request, self._clock())
            # If this fails otherwise, the recording stays: the row may have been written and only the response lost;
            # and a job without its recording can only fail. If there is no row, housekeeping removes the recording.
            await self._admission(job, upload.caller)
        return job
