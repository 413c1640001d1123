"""S3 servers that a whole test run shares; each test takes a bucket of its own. A pytest plugin."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.spaces import SpacesStore
from tests.support.s3 import S3Server, a_spaces_store, ceph_gateway, moto_server, with_a_bucket


@pytest.fixture(scope="session")
def moto() -> Iterator[S3Server]:
    """Provide an S3 server that runs anywhere."""
    with moto_server() as server:
        yield server


@pytest.fixture(scope="session")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3Server, S3Server]]:
    """Provide a Ceph gateway's plain and TLS address; skip, with the reason, where it cannot run."""
    with ceph_gateway(tmp_path_factory.mktemp("gateway")) as servers:
        yield servers


@pytest.fixture(scope="session")
def gateway(gateways: tuple[S3Server, S3Server]) -> S3Server:
    """Provide the Ceph gateway's plain address."""
    return gateways[0]


@pytest.fixture(scope="module")
async def moto_client(moto: S3Server) -> AsyncIterator[SpacesStore]:
    """Share one client of the server that runs anywhere."""
    async with a_spaces_store(moto) as store:
        yield store


@pytest.fixture(scope="module")
async def gateway_client(gateway: S3Server) -> AsyncIterator[SpacesStore]:
    """Share one client of the Ceph gateway."""
    async with a_spaces_store(gateway) as store:
        yield store


@pytest.fixture
async def moto_store(moto_client: SpacesStore) -> SpacesStore:
    """Provide a store on moto with a bucket of its own."""
    return await with_a_bucket(moto_client)


@pytest.fixture
async def gateway_store(gateway_client: SpacesStore) -> SpacesStore:
    """Provide a store on the Ceph gateway with a bucket of its own."""
    return await with_a_bucket(gateway_client)


@pytest.fixture(params=["moto_store", pytest.param("gateway_store", marks=pytest.mark.container)])
def spaces(request: pytest.FixtureRequest) -> SpacesStore:
    """Provide a store with a bucket of its own on every S3 server."""
    found: SpacesStore = request.getfixturevalue(request.param)
    return found
