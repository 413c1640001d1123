"""What the doctor sees in databases, healthy and ill: each ailment is a real one."""

import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import msgspec
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.embedded.server import embedded_postgres
from adapters.postgres.migrate import migrate
from adapters.postgres.pool import open_pool
from adapters.postgres.worker_registry import PostgresWorkerRegistry
from application.ports.workers import WorkerReport
from entrypoints.doctor.report import Verdict
from tests.support.authority import Authority, Certificate
from tests.support.database import execute, logged_in, on_database
from tests.support.doctor_run import SECRET, UNREACHABLE, DoctorRun, assert_failed
from tests.support.raw_server import raw_server
from tests.support.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio


@pytest.fixture
def patient(tmp_path: Path) -> DoctorRun:
    return DoctorRun(tmp_path)


async def test_one_that_is_well(patient: DoctorRun, database_url: str) -> None:
    patient.configure(DATABASE_URL=database_url)
    found = await patient.run()
    assert patient.verdicts("database", "database clock", "connections", "migrations", "listen") == ["ok"] * 5
    assert found["database"].seen.startswith("Postgres 1")
    assert found["migrations"].seen == "up to date, in the schema moment"


@pytest.mark.parametrize(
    ("limit", "verdict", "fix"),
    [(18, Verdict.OK, ""), (17, Verdict.WARN, "MOMENT_DATABASE_CONNECTIONS=1"), (8, Verdict.WARN, "fewer processes")],
)
async def test_a_fleet_and_the_connections_that_it_may_have(
    patient: DoctorRun, database_url: str, limit: int, verdict: Verdict, fix: str
) -> None:
    alter = f"ALTER DATABASE {urlsplit(database_url).path[1:]} CONNECTION LIMIT {limit}"
    await anyio.to_thread.run_sync(execute, database_url, alter)
    patient.configure(DATABASE_URL=database_url)
    fleet = ["moment api a-1", "moment api b-1", "moment worker a-2", "moment worker a-2", "moment worker b-2"]
    async with AsyncExitStack() as stack:
        for name in [*fleet, "moment worker c-2"]:
            dsn = msgspec.structs.replace(normalise(database_url), application_name=name)
            await stack.enter_async_context(open_pool(dsn))
        found = (await patient.run())["connections"]
    assert found.verdict is verdict
    assert found.seen.startswith(f"{limit} granted, ")
    assert found.seen.endswith("an api takes up to 3, a worker up to 4: 18 for 2 apis and 3 workers")
    assert fix in found.fix


async def test_workers_whose_api_is_not_where_they_sign_urls_for(patient: DoctorRun, database_url: str) -> None:
    patient.configure(DATABASE_URL=database_url)
    assert "audio" not in await patient.run()
    async with open_pool(normalise(database_url)) as pool:
        await PostgresWorkerRegistry(pool).report(WorkerReport(name="w", version="1", host="h", slots=8, running=0))
    assert_failed((await patient.run())["audio"], UNREACHABLE, "the same for api, worker and music-tools")
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (port, _):
        patient.configure(PUBLIC_URL=f"http://127.0.0.1:{port}")
        assert "audio" not in await patient.run()


async def test_missing_migrations(patient: DoctorRun, empty_database_url: str) -> None:
    patient.configure(DATABASE_URL=empty_database_url)
    found = await patient.run()
    assert_failed(found["migrations"], "0001_jobs", "run `moment migrate`")
    assert patient.verdicts("database", "listen") == ["ok", "ok"]


async def test_a_schema_of_another_version(patient: DoctorRun, database_url: str) -> None:
    await anyio.to_thread.run_sync(execute, database_url, "UPDATE moment.schema_migrations SET checksum = 'other'")
    patient.configure(DATABASE_URL=database_url)
    assert_failed((await patient.run())["migrations"], "was changed", "version")


async def test_a_standby(patient: DoctorRun, database_url: str) -> None:
    name = urlsplit(database_url).path[1:]
    alter = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
    await anyio.to_thread.run_sync(execute, database_url, alter)
    patient.configure(DATABASE_URL=database_url)
    assert_failed((await patient.run())["database"], "read-only", "primary")


async def test_a_wrong_password(patient: DoctorRun, database_url: str) -> None:
    patient.configure(DATABASE_URL=logged_in(database_url, SECRET))
    found = await patient.run()
    assert_failed(found["database"], "InvalidPasswordError", "password in DATABASE_URL")
    assert "migrations" not in found


async def test_a_user_without_rights(patient: DoctorRun, database_url: str) -> None:
    patient.configure(DATABASE_URL=logged_in(database_url))
    found = await patient.run()
    assert found["database"].verdict is Verdict.OK
    assert_failed(found["migrations"], "permission denied", "grant")


@pytest.mark.parametrize(
    ("url", "seen", "fix"),
    [
        (f"postgresql://me:{SECRET}@127.0.0.1:1/x", "Connect call failed", "start the server"),
        (f"postgresql://me:{SECRET}@nowhere.invalid/x", "", "host"),
    ],
)
async def test_nobody_there(patient: DoctorRun, url: str, seen: str, fix: str) -> None:
    patient.configure(DATABASE_URL=url)
    assert_failed((await patient.run())["database"], seen, fix)


async def test_no_such_database(patient: DoctorRun, database_server: str) -> None:
    patient.configure(DATABASE_URL=on_database(database_server, "nothing"))
    assert_failed((await patient.run())["database"], "nothing", "createdb")


async def test_one_that_is_silent(patient: DoctorRun) -> None:
    async with raw_server(b"") as (port, _):
        patient.configure(DATABASE_URL=f"postgresql://127.0.0.1:{port}/x")
        assert_failed((await patient.run(0.3))["database"], "no response within 0.3 s", "reaches")


async def test_encryption_that_the_server_does_not_have(patient: DoctorRun, database_url: str) -> None:
    async with tcp_proxy(database_url) as (_, port):
        patient.configure(DATABASE_URL=f"postgresql://postgres@127.0.0.1:{port}/x?sslmode=require")
        assert_failed((await patient.run())["database"], "SSL", "sslmode in DATABASE_URL")


async def test_a_certificate_of_somebody_else(patient: DoctorRun, database_url: str) -> None:
    (patient.folder / "ca.pem").write_bytes(Authority().certificate)
    async with tcp_proxy(database_url, showing(Authority("another").issue("localhost"), patient.folder)) as (_, port):
        tls = f"sslmode=verify-full&sslrootcert={patient.folder / 'ca.pem'}"
        patient.configure(DATABASE_URL=f"postgresql://postgres@localhost:{port}/x?{tls}")
        assert_failed((await patient.run())["database"], "CERTIFICATE_VERIFY_FAILED", "sslrootcert")


async def test_a_pooler_that_nobody_declared(patient: DoctorRun, pooled_url: str) -> None:
    patient.configure(DATABASE_URL=pooled_url.replace("&pgbouncer=true", ""))
    found = await patient.run()
    assert patient.verdicts("database", "migrations") == ["ok", "ok"]
    assert found["listen"].verdict is Verdict.WARN
    assert "without prepared statements and notifications" in found["listen"].seen
    assert "add ?pgbouncer=true to DATABASE_URL, or set DATABASE_DIRECT_URL" in found["listen"].fix


async def test_a_pooler_and_the_direct_way(patient: DoctorRun, pooled_url: str, database_url: str) -> None:
    patient.configure(DATABASE_URL=pooled_url)
    await patient.run()
    assert patient.verdicts("database", "listen") == ["ok", "warn"]
    patient.configure(DATABASE_DIRECT_URL=database_url)
    found = await patient.run()
    assert (found["listen"].verdict, "DATABASE_DIRECT_URL" in found["listen"].seen) == (Verdict.OK, True)


async def test_a_direct_way_to_another_database(patient: DoctorRun, database_url: str, empty_database_url: str) -> None:
    patient.configure(DATABASE_URL=database_url, DATABASE_DIRECT_URL=empty_database_url)
    assert_failed((await patient.run())["listen"], "did not arrive", "DATABASE_DIRECT_URL at the database")


async def test_a_direct_way_that_leads_nowhere(patient: DoctorRun, database_url: str) -> None:
    patient.configure(DATABASE_URL=database_url, DATABASE_DIRECT_URL="postgresql://127.0.0.1:1/x")
    assert_failed((await patient.run())["listen"], "Connect call failed", "in DATABASE_DIRECT_URL")


def showing(certificate: Certificate, folder: Path) -> ssl.SSLContext:
    """Return what a server needs that shows this certificate."""
    (folder / "server.pem").write_bytes(certificate.certificate + certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_the_embedded_one(patient: DoctorRun, server_folder: Path) -> None:
    folder = server_folder / "visited"
    patient.configure(MOMENT_DATA_DIR=str(folder))
    with embedded_postgres(folder / "postgres") as url:
        anyio.run(migrate, normalise(url))
        found = anyio.run(patient.run)
        assert patient.verdicts("database", "database clock", "migrations", "listen") == ["ok"] * 4
        assert "embedded" in found["database"].seen
        alive = (folder / "postgres" / "cluster" / "postmaster.pid").read_text()
    (folder / "postgres" / "cluster" / "postmaster.pid").write_text(alive)  # as a killed server leaves it
    assert_failed(anyio.run(patient.run)["database"], "", "start `moment up` again")
