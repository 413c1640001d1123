"""A Postgres that may be restarted, and a fleet in which nothing fails by itself."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.database import TEMPLATE, copied, prepare_template
from tests.support.processes import Fleet, fleet
from tests.support.restartable import RestartablePostgres


@pytest.fixture(scope="package")
def postgres() -> Iterator[RestartablePostgres]:
    """Give a server with a migrated template, in a folder that its user can reach when we are root."""
    with TemporaryDirectory(prefix="chaos-") as folder:
        server = RestartablePostgres(Path(folder))
        server.start()
        prepare_template(server.url)
        yield server
        server.stop()


@pytest.fixture
def fleet_database(postgres: RestartablePostgres) -> Iterator[str]:
    """Give a migrated, empty database."""
    yield from copied(postgres.url, TEMPLATE)


@pytest.fixture(scope="package")
def calm_fleet(postgres: RestartablePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Give servers that several tests use one after the other; starting them takes seconds."""
    for database in copied(postgres.url, TEMPLATE):
        with fleet(tmp_path_factory.mktemp("calm"), database) as running:
            yield running


@pytest.fixture
async def calm(calm_fleet: Fleet) -> AsyncIterator[Fleet]:
    """Give a fleet without workers, jobs, objects or memories."""
    await calm_fleet.listening()
    yield calm_fleet
    await calm_fleet.forget()
