"""The worker process: claims and runs jobs until it is asked to stop."""

import logging
import socket
from typing import Final

import anyio

from application.ports.workers import WorkerReport
from application.version import VERSION
from application.worker.presence import Presence
from domain.errors import MomentError
from entrypoints.container import Container, open_container
from entrypoints.lifecycle import run_until_signalled
from entrypoints.settings import Settings

FIRST_WAIT: Final = 0.2
LONGEST_WAIT: Final = 10.0

_log = logging.getLogger(__name__)


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; jobs in flight then are finished, or released at the end of the grace period.

    Raises:
        InvalidSettings: A required setting is missing or cannot be used.
    """
    async with open_container(settings, working=True) as container:
        await run_until_signalled(lambda stopping: run_worker(container, stopping))


async def run_worker(container: Container, stopping: anyio.Event) -> None:
    async with anyio.create_task_group() as waiting:
        waiting.start_soon(_cancel_when, stopping, waiting.cancel_scope)
        await _await_database(container)
        waiting.cancel_scope.cancel()
    if not stopping.is_set():
        _log.info("working on up to %d jobs at once", container.settings().slots)
        async with anyio.create_task_group() as group:
            group.start_soon(container.housekeeping().run)
            group.start_soon(_presence(container).run)
            group.start_soon(container.conversion_loop().run, stopping)
            group.start_soon(container.delivery_loop().run)
            await container.work_loop().run(stopping)
            group.cancel_scope.cancel()
    _log.info("stopped")


def _presence(container: Container) -> Presence:
    """Return the task that reports this worker to the fleet."""

    def describe() -> WorkerReport:
        return WorkerReport(
            name=container.worker_name(),
            version=VERSION,
            host=socket.gethostname(),
            slots=container.settings().slots,
            running=container.work_loop().running,
            waiting_for=container.job_dependencies().waiting_for(),
        )

    return Presence(container.worker_registry(), container.job_dependencies(), describe, container.chance())


async def _await_database(container: Container) -> None:
    """Return when the database answers and its schema is up to date: orchestrators start processes in any order."""
    wait = FIRST_WAIT
    while True:
        try:
            await container.jobs().ping()
        except MomentError as error:
            _log.warning("waiting for the database: %s; next try in %.1f s", error, wait)
        else:
            return
        await anyio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)


async def _cancel_when(event: anyio.Event, scope: anyio.CancelScope) -> None:
    await event.wait()
    scope.cancel()
