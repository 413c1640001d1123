"""What is open before anything is built, and what needs nothing."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Object, Provider, Singleton

from adapters.postgres.notifier import Notifier
from adapters.telemetry.structured_logs import StructuredLogs
from application.objects.signed_objects import SignedObjects
from application.ports.clock import Clock
from application.ports.job_changes import NO_CHANGES, JobChanges
from application.ports.objects import ObjectInventory, ObjectStore, UrlSigner
from application.ports.queue import Listener
from application.ports.results import ResultFolder
from application.ports.tools import Fetcher, FileEncoder, MusicTools
from application.ports.webhooks import WebhookSender
from application.telemetry import Telemetry
from application.worker.slot_limit import SlotLimit
from domain.jobs.job import JobId
from entrypoints.open_database import process_name
from entrypoints.settings import Settings


def utc_now() -> datetime:
    """Return the time; the application's `Clock`."""
    return datetime.now(UTC)


def new_job_id() -> JobId:
    """Return an id that cannot be guessed: knowing it is the permission to read the job."""
    return JobId(uuid4())


def new_worker_name() -> str:
    """Return a name that no other worker has: containers share host names and process ids."""
    return f"{process_name()}-{uuid4().hex[:6]}"


class Resources(DeclarativeContainer):
    """Open resources, and what needs none of them. Those from `heartbeat_pool` to `webhook_sender` are a worker's."""

    settings: Provider[Settings] = Dependency(instance_of=Settings)
    pool: Provider[Any] = Dependency()
    notifier: Provider[Notifier] = Dependency()
    job_changes: Provider[JobChanges] = Dependency(default=Object(NO_CHANGES))
    store: Provider[ObjectStore] = Dependency()
    urls: Provider[UrlSigner] = Dependency()
    inventory: Provider[ObjectInventory] = Dependency()
    objects: Provider[SignedObjects] = Dependency()
    heartbeat_pool: Provider[Any] = Dependency()
    listener: Provider[Listener] = Dependency()
    tools: Provider[MusicTools] = Dependency()
    encoder: Provider[FileEncoder] = Dependency()
    fetcher: Provider[Fetcher] = Dependency()
    folder: Provider[ResultFolder] = Dependency()
    slot_limit: Provider[SlotLimit] = Dependency(instance_of=SlotLimit)
    webhook_sender: Provider[WebhookSender] = Dependency()

    clock: Provider[Clock] = Object(utc_now)
    new_id: Provider[Callable[[], JobId]] = Object(new_job_id)
    chance: Provider[Callable[[], float]] = Object(random.random)
    worker_name: Provider[str] = Singleton(new_worker_name)
    telemetry: Provider[Telemetry] = Singleton(StructuredLogs)
