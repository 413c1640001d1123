"""Doctor warns of a Postgres that is reached without TLS through public networks."""

import pytest

from adapters.postgres.dsn import normalise
from entrypoints.doctor.encryption import encryption_result
from entrypoints.doctor.report import Verdict

pytestmark = pytest.mark.anyio

NAMES = {"db.example.com": ["93.184.216.34"], "db": ["172.18.0.2"], "both.example.com": ["10.0.0.1", "93.184.216.34"]}


async def resolve(host: str, port: int) -> list[str]:
    assert port
    return NAMES.get(host, [host])


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)


@pytest.mark.parametrize(
    ("url", "warns"),
    [
        ("postgresql://me:hush@db.example.com/x", True),
        ("postgresql://me@93.184.216.34:5433/x?sslmode=prefer", True),
        ("postgresql://me@93.184.216.34/x?sslmode=disable", True),
        ("postgresql://me@[2606:4700::1]:5432/x", True),
        ("postgresql://me@10.0.0.1,db.example.com/x", True),
        ("postgresql://me@both.example.com/x?sslmode=allow", True),
        ("postgresql:///x?host=db.example.com", True),
        ("postgresql://me@db.example.com/x?sslmode=require", False),
        ("postgresql://me@db.example.com/x?sslmode=verify-full&sslrootcert=ca.pem", False),
        ("postgresql://me@db/x", False),
        ("postgresql://me@127.0.0.1/x", False),
        ("postgresql://me@[fd00::7]/x", False),
        ("postgresql:///x?host=/var/run/postgresql", False),
    ],
)
async def test_it_warns_of_public_hosts_without_tls(url: str, *, warns: bool) -> None:
    found = await encryption_result(normalise(url), "DATABASE_URL", resolve)
    assert (found is not None) is warns
    if found is not None:
        assert found.verdict is Verdict.WARN
        assert "DATABASE_URL" in found.fix
        assert "hush" not in found.what


async def test_the_environment_may_require_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert await encryption_result(normalise("postgresql://me@db.example.com/x"), "DATABASE_URL", resolve) is None
