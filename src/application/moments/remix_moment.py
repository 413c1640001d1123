"""Remix a moment: a new job from the same hum, with another blueprint or other notes.

The hum is neither sent nor heard again, and what is still valid of the parent is not made again: it is copied inside
the store, so that either job can be deleted without the other.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final

import msgspec
from anyio import to_thread

from application.moments.admission import Admission
from application.moments.field_readers import Setting
from application.moments.remix_order import RemixOrder
from application.moments.request_fields import read_around
from application.moments.request_warnings import warnings_about
from application.moments.webhooks import Webhooks
from application.ports.clock import Clock
from application.ports.jobs import JobRepository
from application.ports.objects import ObjectNotFound, ObjectStore
from application.remixing import completed, heard_before
from domain.blueprints.blueprint import Blueprint, PartialBlueprint
from domain.blueprints.merging import merged
from domain.blueprints.metadata import read_analysis, to_json
from domain.blueprints.validation import parse_partial
from domain.errors import InvalidBlueprint, MomentError, Problem
from domain.jobs.artifacts import Artifact, Checkpoint, Stem
from domain.jobs.job import Job, JobId, Request
from domain.jobs.keys import claim_prefix, original_key
from domain.jobs.reuse import reusable
from domain.music.listening.editing import edited

NO_CLAIM: Final = 0
"""Stands for the claim of what a remix has from its parent; the tokens of claims begin with 1."""

INHERITED: Final = {"artifacts": "artifacts", "output_format": "output_format", "retention": "kept_seconds"}
"""What a remix has from its parent's request, unless its own says something else: attributes by their fields."""


class RemixTooEarly(MomentError):
    """The hum has not been heard yet."""

    code = "remix_too_early"

    def __init__(self, parent: Job) -> None:
        super().__init__(f"the hum of the job {parent.id}, which is {parent.status}, has not been heard yet")


class NotRemixable(MomentError):
    """There is no hum, or nobody has heard it and nobody will."""

    code = "not_remixable"
    permanent = True

    def __init__(self, parent: Job, why: str) -> None:
        super().__init__(f"the job {parent.id}, which is {parent.status}, cannot be remixed: {why}")


class RemixMoment:
    """Create a job from the hum of another.

    Args:
        require_bucket: Raises `WrongBucket` if the store is not the one of the jobs.
        webhooks: Admits what orders name.
        voice_id: The voice, where no blueprint fixes one.
    """

    def __init__(
        self,
        jobs: JobRepository,
        store: ObjectStore,
        require_bucket: Callable[[], Awaitable[None]],
        clock: Clock,
        new_id: Callable[[], JobId],
        *,
        webhooks: Webhooks,
        admission: Admission,
        voice_id: str,
    ) -> None:
        self._jobs = jobs
        self._admission = admission
        self._store = store
        self._require_bucket = require_bucket
        self._clock = clock
        self._new_id = new_id
        self._webhooks = webhooks
        self._voice_id = voice_id

    async def __call__(self, parent_id: JobId, order: RemixOrder, job_id: JobId | None = None) -> Job:
        """Return the new job, of this id if one is given.

        Raises:
            JobNotFound: There is no such parent.
            RemixTooEarly, NotRemixable: The parent has no hum that was heard.
            InvalidBlueprint, InvalidFields: The order is refused.
            WebhooksNotConfigured, EndpointDisabled: Its webhook cannot be sent.
            QueueFull, TooManyWaiting: There is no room for it.
            QuotaExceeded: The caller has used up what they may.
            JobUnreadable, WrongBucket, StorageUnavailable, StorageDenied, DatabaseUnavailable: It could not be done.
        """
        parent = (await self._jobs.get(parent_id)).job
        require_heard(parent)
        job_id = job_id or self._new_id()
        request = await to_thread.run_sync(remixed, parent, order, self._clock(), self._webhooks.check_url)
        blueprint = await to_thread.run_sync(partial(_completed, job_id, request, self._voice_id))
        if request.webhook:
            await self._webhooks.admit(request.owner, request.webhook)
        await self._admission.require_quota(order.caller)
        await self._require_bucket()
        request = msgspec.structs.replace(request, original=await self._copied_hum(parent, job_id))
        stems = await self._copied_stems(reusable(parent, request, blueprint), job_id)
        job = Job.submitted(job_id, request, self._clock(), stems)
        # Where this fails otherwise, the copies are left to housekeeping: the row may have been written.
        await self._admission(job, order.caller)
        return job

    async def _copied_hum(self, parent: Job, job_id: JobId) -> Artifact:
        try:
            return await self._copied(parent.request.original, original_key(job_id))
        except ObjectNotFound as error:
            raise NotRemixable(parent, "its recording was removed") from error

    async def _copied_stems(self, stems: dict[Stem, Checkpoint], job_id: JobId) -> dict[Stem, Checkpoint]:
        """Return copies of stems; one that is no longer stored is made again."""
        copies = {stem: await self._copied_stem(checkpoint, job_id) for stem, checkpoint in stems.items()}
        return {stem: copy for stem, copy in copies.items() if copy}

    async def _copied_stem(self, checkpoint: Checkpoint, job_id: JobId) -> Checkpoint | None:
        found = {"": checkpoint.artifact, **checkpoint.extras}
        try:
            copies = {
                name: await self._copied(artifact, _key_for(job_id, artifact))
                for name, artifact in found.items()
                if artifact
            }
        except ObjectNotFound:
            return None
        return msgspec.structs.replace(checkpoint, artifact=copies.pop(""), extras=copies)

    async def _copied(self, artifact: Artifact, key: str) -> Artifact:
        await self._store.copy(artifact.key, key)
        return msgspec.structs.replace(artifact, key=key)


def require_heard(parent: Job) -> None:
    """Return if a job has a hum that was heard.

    Raises:
        RemixTooEarly, NotRemixable: It has none.
    """
    if not parent.keeps_objects:
        raise NotRemixable(parent, "its recording was removed")
    if parent.blueprint and read_analysis(parent.blueprint.metadata):
        return
    if not parent.status.terminal:
        raise RemixTooEarly(parent)
    raise NotRemixable(parent, "its hum was never analyzed")


def remixed(parent: Job, order: RemixOrder, now: datetime, check_webhook: Callable[[str], None]) -> Request:
    """Return the request for a remix: its parent's, with what was heard of the hum, and changed as ordered.

    What the musician fixed stays fixed; what the service decided, it decides again, from what was heard.

    Raises:
        InvalidBlueprint: With every problem found.
        InvalidFields: With every problem found in the other fields.
    """
    blueprint = _with_notes(_changed(_known_of(parent), order.change), order)
    kind = parent.request.output_kind
    setting = Setting(now=now, caller=order.caller, default_kind=kind, blueprint=blueprint, check_webhook=check_webhook)
    fields = read_around(order.texts, setting)
    fields |= {
        attribute: getattr(parent.request, attribute)
        for field, attribute in INHERITED.items()
        if field not in order.texts
    }
    return Request(
        original=parent.request.original,
        filename=parent.request.filename,
        request_id=order.request_id,
        owner=order.caller.owner,
        client=order.caller.client,
        parent_id=parent.id,
        warnings=warnings_about(blueprint, order.texts),
        **fields,
    )


def _known_of(parent: Job) -> PartialBlueprint:
    """Return what the musician fixed, and of what the service added what must not change by itself."""
    if parent.blueprint is None:
        raise AssertionError("only of jobs whose hum was heard")
    fixed = parent.request.blueprint.get("metadata", {})
    found = parent.blueprint.metadata
    metadata = {**fixed, **{name: found[name] for name in ("analysis", "seed", "soundfont") if name in found}}
    metadata.pop("output_kind", None)  # that of the parent is the default, whoever chose it
    return {**parent.request.blueprint, "metadata": metadata}


def _changed(known: PartialBlueprint, change: PartialBlueprint) -> PartialBlueprint:
    """Return the changed blueprint; what was heard stays, whatever is removed, since nobody hears it again."""
    try:
        changed = parse_partial(merged(known, change))
    except InvalidBlueprint as error:
        raise _within_blueprint(error) from error
    metadata = changed.get("metadata", {})
    if read_analysis(metadata):
        return changed
    return {**changed, "metadata": {**metadata, "analysis": known["metadata"]["analysis"]}}


def _with_notes(blueprint: PartialBlueprint, order: RemixOrder) -> PartialBlueprint:
    analysis = read_analysis(blueprint["metadata"]) if order.notes else None
    if analysis is None:
        return blueprint
    metadata = {**blueprint["metadata"], "analysis": to_json(edited(analysis, order.notes))}
    return {**blueprint, "metadata": metadata}


def _completed(job_id: JobId, request: Request, voice_id: str) -> Blueprint:
    """Return the blueprint as a worker will complete it."""
    try:
        return completed(job_id, request, heard_before(request), voice_id)
    except InvalidBlueprint as error:
        raise _within_blueprint(error) from error


def _within_blueprint(error: InvalidBlueprint) -> InvalidBlueprint:
    return InvalidBlueprint([Problem(f"/blueprint{each.pointer}", each.message) for each in error.problems])


def _key_for(job_id: JobId, artifact: Artifact) -> str:
    return claim_prefix(job_id, NO_CLAIM) + artifact.key.rpartition("/")[2]
