"""The whole graph: the use cases, and what a worker does."""

from collections.abc import Callable
from typing import Final

from dependency_injector.providers import Factory, Provider, Singleton

from application.webhooks.deliver import Deliver
from application.webhooks.delivery_loop import DeliveryLoop
from application.webhooks.payload import WritePayload
from application.worker.conversion_loop import ConversionLoop
from application.worker.convert_music import ConvertMusic
from application.worker.dependencies import Dependencies
from application.worker.make_ordered import MakeOrdered
from application.worker.make_sample import MakeSample
from application.worker.run_job import RunJob
from application.worker.slot_limit import SlotLimit
from application.worker.stages import Stages
from application.worker.storage_probe import StorageProbe
from application.worker.work_loop import WorkConfig, WorkLoop
from entrypoints.container.moments import Moments
from entrypoints.container.resources import Resources
from entrypoints.container.tables import Tables
from entrypoints.container.upkeep import Upkeep

BEAT_SECONDS: Final = 0.5
"""Between heartbeats: half of the second within which a cancellation must happen, even if its notification is lost."""


def _idleness(work_loop: WorkLoop, slot_limit: SlotLimit) -> Callable[[], bool]:
    """Return what tells whether a worker has no jobs, and its music tools have refused nothing lately."""
    return lambda: not work_loop.running and not slot_limit.recently_busy


class Container(Moments):
    """Everything that an entrypoint calls; what is built has the name of its port or its use case."""

    stages: Provider[Stages] = Factory(
        Stages,
        tools=Resources.tools,
        store=Resources.store,
        urls=Resources.urls,
        fetcher=Resources.fetcher,
        voice_id=Resources.settings.provided.voice_id,
        folder=Resources.folder,
    )
    storage_probe: Provider[StorageProbe] = Singleton(StorageProbe, store=Resources.store, owner=Upkeep.bucket_owner)
    job_dependencies: Provider[Dependencies] = Singleton(
        Dependencies,
        tools=Resources.tools,
        try_storage=storage_probe,
        slot_limit=Resources.slot_limit,
        chance=Resources.chance,
        longest_pause=Resources.settings.provided.retry_cap,
    )
    run_job: Provider[RunJob] = Factory(
        RunJob,
        queue=Tables.queue,
        store=Resources.store,
        stages=stages,
        dependencies=job_dependencies,
        chance=Resources.chance,
        retry_cap=Resources.settings.provided.retry_cap,
        timeout=Resources.settings.provided.job_timeout,
        telemetry=Resources.telemetry,
    )
    work_config: Provider[WorkConfig] = Factory(
        WorkConfig,
        worker=Resources.worker_name,
        slots=Resources.settings.provided.slots,
        lease=Resources.settings.provided.lease,
        beat=BEAT_SECONDS,
        poll=Resources.settings.provided.poll,
        grace=Resources.settings.provided.grace,
    )
    work_loop: Provider[WorkLoop] = Singleton(
        WorkLoop,
        queue=Tables.queue,
        listener=Resources.listener,
        run_job=run_job,
        dependencies=job_dependencies,
        config=work_config,
        chance=Resources.chance,
        telemetry=Resources.telemetry,
    )
    convert_music: Provider[ConvertMusic] = Factory(
        ConvertMusic,
        conversions=Tables.conversions,
        jobs=Tables.jobs,
        tools=Resources.tools,
        encoder=Resources.encoder,
        store=Resources.store,
        urls=Resources.urls,
    )
    make_sample: Provider[MakeSample] = Factory(
        MakeSample,
        conversions=Tables.conversions,
        tools=Resources.tools,
        store=Resources.store,
        urls=Resources.urls,
        require_bucket=Upkeep.bucket_guard,
    )
    conversion_loop: Provider[ConversionLoop] = Factory(
        ConversionLoop,
        conversions=Tables.conversions,
        make=Factory(MakeOrdered, convert=convert_music, sample=make_sample),
        chance=Resources.chance,
        at_once=Resources.settings.provided.conversions_at_once,
        is_idle=Factory(_idleness, work_loop=work_loop, slot_limit=Resources.slot_limit),
    )
    deliver: Provider[Deliver] = Factory(
        Deliver,
        queue=Tables.delivery_queue,
        sender=Resources.webhook_sender,
        write=Factory(WritePayload, jobs=Tables.jobs, read_status=Moments.read_status),
        chance=Resources.chance,
    )
    delivery_loop: Provider[DeliveryLoop] = Singleton(
        DeliveryLoop,
        queue=Tables.delivery_queue,
        deliver=deliver,
        worker=Resources.worker_name,
        ownerless=Resources.settings.provided.signs_webhooks,
        chance=Resources.chance,
        poll=Resources.settings.provided.delivery_poll,
    )
