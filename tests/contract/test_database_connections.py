"""URLs as people write them open real connections; TLS lets in whom it should, and nobody speaks in the clear."""

import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import asyncpg
import pytest

from adapters.postgres.dsn import InvalidDatabaseUrl, normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.migrate import migrate
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected, open_pool
from adapters.postgres.queue import PostgresQueue
from application.ports.jobs import DatabaseUnavailable
from tests.support.authority import Authority, Certificate
from tests.support.database import CONTAINER, EMPTY_ON_EVERY_SERVER, LOGIN, PASSWORD, logged_in
from tests.support.jobs import JOB_ID, a_job, room_for
from tests.support.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio

HOST: Final = "localhost"
"""Whom the certificates name."""

ALIAS: Final = "127.0.0.1"
"""The same server under a name that no certificate has."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home without `.postgresql`, where the driver would look for certificates."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def authorities(tmp_path: Path, authority: Authority) -> dict[str, Path]:
    """Give files: the authority that signed the servers' certificates, and one that did not."""
    files = {"trusted": tmp_path / "trusted.crt", "stranger": tmp_path / "stranger.crt"}
    files["trusted"].write_bytes(authority.certificate)
    files["stranger"].write_bytes(Authority("a stranger").certificate)
    return files


@pytest.fixture
async def cable_url(database_url: str, authority: Authority, tmp_path: Path) -> AsyncIterator[str]:
    """Return the embedded server behind a proxy that terminates TLS."""
    async with tcp_proxy(database_url, serving(authority.issue(HOST), tmp_path)) as (_, port):
        yield logged_in(f"postgresql://{HOST}:{port}{urlsplit(database_url).path}")


@pytest.fixture(
    params=[pytest.param("cable_url", id="embedded"), pytest.param("container_url", id="container", marks=CONTAINER)]
)
def url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a server with TLS and a password, without any options."""
    return logged_in(urlsplit(request.getfixturevalue(request.param))._replace(query="").geturl())


def serving(certificate: Certificate, folder: Path) -> ssl.SSLContext:
    """Return what a server shows."""
    both = folder / "server.pem"
    both.write_bytes(certificate.certificate + certificate.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context


async def encrypted(url: str) -> bool:
    """Log in; return whether by TLS."""
    async with open_pool(normalise(url)) as pool, connected(pool) as connection:
        assert await connection.fetchval("SELECT current_user") in {LOGIN, "postgres"}
        return connection._transport.get_extra_info("ssl_object") is not None


@pytest.mark.parametrize(
    "form",
    [
        "postgresql+psycopg2://{login}@{place}/{database}?sslmode=require",
        "postgresql+psycopg://{login}@{place}/{database}?sslmode=require&connect_timeout=5&keepalives_idle=30",
        "postgresql+asyncpg://{login}@{place}/{database}?ssl=require&prepared_statement_cache_size=0",
        "postgres://{login}@{place}/{database}?sslmode=require&channel_binding=prefer",
        "postgresql://{login}@{place}/{database}?sslmode=prefer&application_name=moment",
        "postgresql://{login}@/{database}?host={host}&port={port}&sslmode=require",
        "postgresql://{place}/{database}?user={user}&password={password}&sslmode=require",
        "postgresql://{login}@127.0.0.1:1,{place}/{database}?sslmode=require&target_session_attrs=read-write",
    ],
)
async def test_every_form_of_a_url_logs_in_by_tls(url: str, form: str) -> None:
    parts = urlsplit(url)
    password = quote(PASSWORD, safe="")
    text = form.format(
        login=f"{LOGIN}:{password}",
        user=LOGIN,
        password=password,
        place=f"{parts.hostname}:{parts.port}",
        host=parts.hostname,
        port=parts.port,
        database=parts.path.removeprefix("/"),
    )
    assert await encrypted(text)


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ("sslmode=require", ALIAS),
        ("sslmode=require&sslrootcert={trusted}", ALIAS),
        ("sslmode=verify-ca&sslrootcert={trusted}", ALIAS),
        ("sslmode=verify-full&sslrootcert={trusted}", HOST),
    ],
)
async def test_a_server_is_believed(url: str, authorities: dict[str, Path], options: str, host: str) -> None:
    assert await encrypted(f"{url.replace(HOST, host)}?{options.format(**authorities)}")


@pytest.mark.parametrize(
    ("options", "host", "reason"),
    [
        ("sslmode=require&sslrootcert={stranger}", HOST, "local issuer"),
        ("sslmode=verify-ca&sslrootcert={stranger}", HOST, "local issuer"),
        ("sslmode=verify-full&sslrootcert={stranger}", HOST, "local issuer"),
        ("sslmode=verify-full&sslrootcert={trusted}", ALIAS, "not valid for '127.0.0.1'"),
    ],
)
async def test_a_server_that_is_somebody_else_is_refused(
    url: str, authorities: dict[str, Path], options: str, host: str, reason: str
) -> None:
    with pytest.raises(DatabaseUnavailable, match=f"certificate verification failed: .*{reason}") as refused:
        await encrypted(f"{url.replace(HOST, host)}?{options.format(**authorities)}")
    assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)
    assert PASSWORD not in str(refused.value)


async def test_an_expired_certificate_is_refused(
    database_url: str, authority: Authority, authorities: dict[str, Path], tmp_path: Path
) -> None:
    old = authority.issue(HOST, timedelta(days=-1))
    async with tcp_proxy(database_url, serving(old, tmp_path)) as (_, port):
        place = f"postgresql://postgres@{HOST}:{port}{urlsplit(database_url).path}"
        with pytest.raises(DatabaseUnavailable, match="expired"):
            await encrypted(f"{place}?sslmode=verify-ca&sslrootcert={authorities['trusted']}")


@pytest.mark.parametrize(
    "options",
    ["sslmode=require", "sslmode=verify-ca&sslrootcert={trusted}", "sslmode=verify-full&sslrootcert={trusted}"],
)
async def test_who_asks_for_tls_never_speaks_in_the_clear(
    database_url: str, authorities: dict[str, Path], options: str
) -> None:
    async with tcp_proxy(database_url) as (_, port):
        plain = f"postgresql://postgres@{HOST}:{port}{urlsplit(database_url).path}"
        assert not await encrypted(f"{plain}?sslmode=prefer")
        with pytest.raises(DatabaseUnavailable, match="rejected SSL upgrade"):
            await encrypted(f"{plain}?{options.format(**authorities)}")


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
@pytest.mark.parametrize(
    ("content", "reason"), [(None, "sslrootcert cannot be read: No such file"), ("PEM?", "without a certificate")]
)
async def test_an_authority_that_cannot_be_read_is_named(
    tmp_path: Path, mode: str, content: str | None, reason: str
) -> None:
    file = tmp_path / "authority.crt"
    if content:
        file.write_text(content)
    dsn = normalise(f"postgresql://{LOGIN}:s3cret@{HOST}/db?sslmode={mode}&sslrootcert={file}")
    with pytest.raises(InvalidDatabaseUrl, match=reason) as refused:
        async with open_pool(dsn, min_size=0):
            pass
    with pytest.raises(InvalidDatabaseUrl, match=reason):
        await migrate(dsn)
    assert "s3cret" not in str(refused.value)


async def test_an_authority_is_looked_for_where_libpq_looks(url: str, home: Path, authority: Authority) -> None:
    strict = f"{url}?sslmode=verify-full"
    with pytest.raises(InvalidDatabaseUrl, match="sslmode=verify-full needs sslrootcert"):
        await encrypted(strict)
    (home / ".postgresql").mkdir()
    (home / ".postgresql" / "root.crt").write_bytes(authority.certificate)
    assert await encrypted(strict)


@EMPTY_ON_EVERY_SERVER
async def test_the_owner_of_a_database_needs_no_other_rights(empty_database_url: str) -> None:
    dsn = normalise(logged_in(empty_database_url))
    await migrate(dsn)
    async with open_pool(dsn) as pool:
        jobs, queue = PostgresJobs(pool, Notifier(pool)), PostgresQueue(pool, lease_seconds=30)
        await jobs.add(a_job())
        (claim,) = await queue.claim(room_for("w", 1))
        assert claim.job.id == JOB_ID
        assert await pool.fetchval("SELECT usesuper FROM pg_user WHERE usename = current_user") is False


@pytest.mark.parametrize(
    "field", ["sslnegotiation=direct", "target_session_attrs=writer", "ssl_min_protocol_version=9"]
)
async def test_an_option_that_the_driver_refuses_is_told(field: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=field.partition("=")[2]) as refused:
        async with open_pool(normalise(f"postgresql://{HOST}:1/db?sslmode=prefer&{field}")):
            pass
    assert isinstance(refused.value.__cause__, asyncpg.ClientConfigurationError)
