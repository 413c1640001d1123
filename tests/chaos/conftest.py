"""A Postgres that may be restarted, and a fleet in which nothing fails by itself."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.database import TEMPLATE, copied, prepare_template
from tests.support.processes import ServiceProcesses, service_processes
from tests.support.restartable import RestartablePostgres


@pytest.fixture(scope="package")
def postgres() -> Iterator[RestartablePostgres]:
    """Provide a server with a migrated template, in a folder that its user can reach when we are root."""
    with TemporaryDirectory(prefix="chaos-") as folder:
        server = RestartablePostgres(Path(folder))
        server.start()
        prepare_template(server.url)
        yield server
        server.stop()


@pytest.fixture
def service_database(postgres: RestartablePostgres) -> Iterator[str]:
    """Provide a migrated, empty database."""
    yield from copied(postgres.url, TEMPLATE)


@pytest.fixture(scope="package")
def shared_service(
    postgres: RestartablePostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcesses]:
    """Provide servers that several tests use one after the other; starting them takes seconds."""
    for database in copied(postgres.url, TEMPLATE):
        with service_processes(tmp_path_factory.mktemp("calm"), database) as running:
            yield running


@pytest.fixture
async def service(shared_service: ServiceProcesses) -> AsyncIterator[ServiceProcesses]:
    """Provide a fleet without workers, jobs, objects or memories."""
    await shared_service.listening()
    yield shared_service
    await shared_service.reset()
