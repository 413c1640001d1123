"""Connections, and the one place where the driver's errors are translated into the port's."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import asyncpg

from adapters.postgres.dsn import Dsn
from adapters.postgres.schema import SchemaConnection
from application.ports.jobs import DatabaseUnavailable, SchemaOutdated

CONNECT_TIMEOUT: Final = 5.0
"""Seconds to open a connection, or to close the pool."""

KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
"""Socket options, if the system has them: a connection to a silent peer is closed after about 15 s."""

_UNAVAILABLE: Final = (
    OSError,  # TimeoutError and ssl.SSLError among them
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, cancelled by the administrator
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.ObjectNotInPrerequisiteStateError,  # a lock timed out; the database does not accept connections now
    asyncpg.ReadOnlySQLTransactionError,  # after a failover, until the pool has found the new primary
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,  # whoever revoked it grants it again
    asyncpg.DuplicatePreparedStatementError,  # a pooler began to mix connections up; see route.py
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.InvalidCachedStatementError,  # a migration ran meanwhile; the statement is prepared again next time
    asyncpg.InterfaceError,  # the connection or the pool is closed
    asyncpg.InternalClientError,  # the server closed the connection under a query; no host has the required role
)

_OUTDATED: Final = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)
"""What a statement meets in a database that is to be migrated."""


@contextmanager
def translated(server: str = "") -> Iterator[None]:
    """Translate errors that may pass; bugs (constraints, syntax, types) propagate as they are.

    Args:
        server: Where the database is, for the message; empty if that is not known.

    Raises:
        SchemaOutdated: It will succeed when the database is migrated.
        DatabaseUnavailable: The same statement may succeed later.
    """
    try:
        yield
    except asyncpg.DataError:  # a subclass of InterfaceError, but a bug
        raise
    except _OUTDATED as error:
        raise SchemaOutdated(f"the database is not up to date ({error.args[0]}): run `moment migrate`") from error
    except _UNAVAILABLE as error:
        where = f" at {server}" if server else ""
        hint = ": `moment doctor` says why" if server else ""
        raise DatabaseUnavailable(f"the database{where} did not answer ({_reason(error)}){hint}") from error


def _reason(error: Exception) -> str:
    """Return a reason for operators; the driver's own message only if it contains nothing of the URL but the host."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verification failed: {error.verify_message}"
    if isinstance(error, asyncpg.ClientConfigurationError):
        return str(error.args[0])
    if type(error) is ConnectionError:  # raised by the driver itself: the server refuses TLS
        return str(error)
    return type(error).__name__


@asynccontextmanager
async def open_connection(dsn: Dsn, command_timeout: float) -> AsyncIterator[SchemaConnection]:
    """Yield a connection outside of any pool; errors in the block are translated.

    Raises:
        DatabaseUnavailable: The connection could not be opened, or a statement failed for a reason that may pass.
    """
    with translated(dsn.server):
        connection = await asyncpg.connect(
            command_timeout=command_timeout, statement_cache_size=0, **connection_settings(dsn)
        )
        try:
            yield connection
        finally:
            connection.terminate()  # immediate: an orderly close could hang on a broken connection


class KeptAlive(SchemaConnection):
    """A connection that detects a peer which disappeared silently: a machine that lost power, a firewall.

    Otherwise the pool would hand out dead connections for minutes, and each would cost its user a whole timeout.
    """

    __slots__ = ()

    def __init__(self, protocol: Any, transport: asyncio.Transport, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        _keep_alive(transport.get_extra_info("socket"))


def connection_settings(dsn: Dsn) -> dict[str, Any]:
    """Return the arguments of `asyncpg.connect` that all connections share."""
    named = "application_name" in dict(parse_qsl(urlsplit(dsn.url).query))
    name = {} if named else {"application_name": dsn.application_name}
    return {
        "dsn": dsn.url,
        "timeout": CONNECT_TIMEOUT,
        "server_settings": {"timezone": "UTC"} | name,  # no more: poolers refuse parameters that they do not know
        "connection_class": KeptAlive,
    }


def _keep_alive(connected_socket: Any) -> None:
    if connected_socket.family == socket.AF_UNIX:  # the kernel reports the end at once
        return
    connected_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if option := getattr(socket, name, None):
            connected_socket.setsockopt(socket.IPPROTO_TCP, option, value)
