"""Postgres: connection, clock, schema version and notifications."""

import socket
import ssl
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import anyio
import asyncpg

from adapters.postgres.dsn import Dsn, normalise
from adapters.postgres.embedded.pid_file import find_running
from adapters.postgres.inspection import count_connections, notification_arrives, read_pooling, read_schema, read_vitals
from adapters.postgres.migration_errors import MigrationChanged
from adapters.postgres.route import Pooling, advice
from application.ports.jobs import DatabaseUnavailable
from entrypoints.doctor.clocks import TOO_SKEWED, Stopwatch, skew_result
from entrypoints.doctor.connections import connections_result
from entrypoints.doctor.encryption import encryption_result
from entrypoints.doctor.fleet import check_workers
from entrypoints.doctor.report import ProbeResult, Report, Verdict, failed
from entrypoints.doctor.webhooks import check_webhooks
from entrypoints.settings import Settings

HEARD_WITHIN: Final = 2.0
"""Seconds; a notification takes milliseconds."""

_URL: Final = "DATABASE_URL"
_DIRECT: Final = "DATABASE_DIRECT_URL"

_FIXES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (asyncpg.InvalidAuthorizationSpecificationError, "correct the user or the password in {url}, or pg_hba.conf"),
    (asyncpg.InvalidCatalogNameError, "create the database (`createdb`), or correct its name in {url}"),
    (asyncpg.TooManyConnectionsError, "raise max_connections, run fewer processes, or put a pooler in between"),
    (asyncpg.CannotConnectNowError, "it is starting or stopping; try again shortly"),
    (asyncpg.InsufficientPrivilegeError, "grant the user of {url} its schema, or use the user that migrated it"),
    (
        ssl.SSLCertVerificationError,
        "set sslrootcert in {url} to the server's certificate authority, and use the host name of its certificate",
    ),
    (ssl.SSLError, "set sslmode in {url} to what the server supports"),
    (socket.gaierror, "correct the host in {url}"),
    (ConnectionError, "start the server, or correct host, port and sslmode in {url}"),
)
_OTHERWISE: Final = "check that the server runs and that this machine reaches the host and port of {url}"


async def check_database(settings: Settings, report: Report) -> None:
    """Check the configured database, or the one that `moment up` runs."""
    dsn = database_in_use(settings)
    if settings.database is not None:
        parts = urlsplit(settings.database.url)
        place = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
        await _Database(settings, settings.database, place, report).check()
        await _check_encryption(settings, report)
    elif dsn is not None:
        await _Database(settings, dsn, f"{_folder(settings)} (embedded)", report).check()
    else:
        away = "embedded by `moment up`, which is not running in this folder"
        report.add("database", ProbeResult(away, Verdict.NOT_CONFIGURED))


def database_in_use(settings: Settings) -> Dsn | None:
    """Return the configured database, or the one that `moment up` runs, or None if that does not run."""
    if settings.database is not None:
        return settings.database
    url = find_running(_folder(settings))
    return normalise(url) if url else None


def _folder(settings: Settings) -> Path:
    return settings.data_dir.resolve() / "postgres"


async def _check_encryption(settings: Settings, report: Report) -> None:
    """Add a line for each URL that leads through public networks without TLS; hosts without an address have theirs."""
    for variable, dsn in ((_URL, settings.database), (_DIRECT, settings.database_direct)):
        with suppress(OSError, TimeoutError), anyio.fail_after(report.seconds):
            if dsn and (found := await encryption_result(dsn, variable)):
                report.add("database TLS", found)


class _Database:
    def __init__(self, settings: Settings, dsn: Dsn, place: str, report: Report) -> None:
        self._settings = settings
        self._dsn = dsn
        self._direct = settings.database_direct
        self._place = place
        self._report = report
        self._skew = timedelta(0)

    async def check(self) -> None:
        if not await self._report.check("database", self._answers, self._explain):
            return
        self._report.add("database clock", self._clock())
        if not self._dsn.pooled:  # else the pooler shares few connections out
            await self._report.check("connections", self._fit, self._explain)
        if await self._report.check("migrations", self._migrated, self._explain):
            await self._report.check("workers", partial(check_workers, self._dsn), self._explain)
            await self._report.check("webhooks", partial(check_webhooks, self._dsn), self._explain)
        if self._dsn.pooled and self._direct is None:
            self._report.add("listen", self._polling())
        else:
            await self._report.check(
                "listen", self._listens, partial(self._explain, url=_DIRECT if self._direct else _URL)
            )

    async def _answers(self) -> ProbeResult:
        watch = Stopwatch()
        vitals = await read_vitals(self._dsn)
        self._skew = watch.skew(vitals.now)
        seen = f"Postgres {vitals.version} at {self._place}"
        if vitals.read_only:
            return ProbeResult(
                f"{seen} is read-only", Verdict.FAIL, "point DATABASE_URL at the primary, not at a standby"
            )
        return ProbeResult(seen)

    def _clock(self) -> ProbeResult:
        return skew_result(
            self._skew,
            warn=timedelta(minutes=1),
            fail=TOO_SKEWED,
            why="leases and deadlines use its clock, but signed URLs and logs use this machine's",
        )

    async def _fit(self) -> ProbeResult:
        return connections_result(await count_connections(self._dsn), self._settings.database_connections)

    async def _migrated(self) -> ProbeResult:
        schema = await read_schema(self._dsn)
        if schema.missing:
            fix = "run `moment migrate`" if self._settings.database else "start `moment up` again: it migrates"
            return ProbeResult(f"missing: {', '.join(schema.missing)}", Verdict.FAIL, fix)
        return ProbeResult(f"up to date, in the schema {schema.name}")

    def _polling(self) -> ProbeResult:
        seen = f"LISTEN does not work through a transaction pooler: workers poll every {self._settings.poll:g} s"
        return ProbeResult(seen, Verdict.WARN, "set DATABASE_DIRECT_URL to the server itself")

    async def _listens(self) -> ProbeResult:
        if await notification_arrives(
            self._direct or self._dsn, self._dsn, min(HEARD_WITHIN, self._report.seconds / 2)
        ):
            return ProbeResult("a notification arrived" + (" through DATABASE_DIRECT_URL" if self._direct else ""))
        if self._direct:
            fix = "point DATABASE_DIRECT_URL at the database of DATABASE_URL, without a transaction pooler"
            return ProbeResult("a notification did not arrive", Verdict.FAIL, fix)
        if (found := await read_pooling(self._dsn)) is not Pooling.NONE:
            seen = f"DATABASE_URL leads through a transaction pooler: everything goes on without {found}"
            return ProbeResult(seen, Verdict.WARN, advice(found))
        return ProbeResult("a notification did not arrive", Verdict.FAIL, "try again: the server is very slow")

    def _explain(self, error: Exception, url: str = _URL) -> ProbeResult:
        if isinstance(error, MigrationChanged):
            return failed(error, "run the version of the code that migrated this database, or a newer one")
        cause = error.__cause__ if isinstance(error, DatabaseUnavailable) and error.__cause__ else error
        fix = next((fix for kind, fix in _FIXES if isinstance(cause, kind)), _OTHERWISE).format(url=url)
        if self._settings.database is None:
            fix = "start `moment up` again: it recovers from a crash"
        return ProbeResult(f"{type(cause).__name__}: {cause}", Verdict.FAIL, fix)
