"""The dependencies of the handlers, by the names of their parameters."""

from collections.abc import Callable
from typing import Any

import anyio
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from application.moments.cancel_job import CancelJob
from application.moments.read_status import ReadStatus
from application.moments.submit_moment import SubmitMoment
from application.moments.submit_once import SubmitOnce
from application.objects.signed_objects import SignedObjects
from application.ports.clock import Clock
from application.ports.jobs import JobRepository
from application.ports.objects import ObjectStore, UrlSigner
from application.upkeep.bucket_guard import BucketGuard
from entrypoints.api.part_states import LastKnownState
from entrypoints.container import Container

Submit = NamedDependency[SkipValidation[SubmitMoment]]
Once = NamedDependency[SkipValidation[SubmitOnce]]
Read = NamedDependency[SkipValidation[ReadStatus]]
Cancel = NamedDependency[SkipValidation[CancelJob]]
Jobs = NamedDependency[SkipValidation[JobRepository]]
Store = NamedDependency[SkipValidation[ObjectStore]]
Urls = NamedDependency[SkipValidation[UrlSigner]]
Objects = NamedDependency[SkipValidation[SignedObjects]]
Guard = NamedDependency[SkipValidation[BucketGuard]]
Now = NamedDependency[SkipValidation[Clock]]
StorageState = NamedDependency[SkipValidation[LastKnownState]]
Stopping = NamedDependency[SkipValidation[anyio.Event]]


def provided_by(container: Container, stopping: anyio.Event) -> dict[str, Provide]:
    """Return Litestar's dependencies over an open container, and the event that begins the process's end."""
    storage_state = LastKnownState()
    return {
        "submit_moment": _provide(container.submit_moment),
        "submit_once": _provide(container.submit_once),
        "status_reader": _provide(container.read_status),
        "cancel": _provide(container.cancel_job),
        "jobs": _provide(container.jobs),
        "store": _provide(container.store),
        "bucket_guard": _provide(container.bucket_guard),
        "urls": _provide(container.urls),
        "objects": _provide(container.objects),
        "clock": _provide(container.clock),
        "storage_state": _provide(lambda: storage_state),
        "stopping": _provide(lambda: stopping),
    }


def _provide(provider: Callable[[], Any]) -> Provide:
    def resolve() -> Any:
        return provider()

    return Provide(resolve, sync_to_thread=False)
