"""Reading database URLs in the variants that the tools around Postgres write."""

import os
import re
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from domain.errors import MomentError

_SCHEME: Final = re.compile(r"postgres(ql)?(\+[a-z0-9_]+)?")
_SSL_MODES: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_KEPT: Final = frozenset({
    "host", "port", "user", "password", "passfile", "dbname", "database", "service", "target_session_attrs",
    "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib",
    "application_name", "options",
})  # fmt: skip
"""The keys that asyncpg understands, and two that it must pass to the server. It passes on every other key as well,
and a server refuses connections that set unknown parameters (`channel_binding`, `keepalives`, `pgbouncer` …)."""
_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_UNCACHED: Final = frozenset(
    {("pgbouncer", "true"), ("statement_cache_size", "0"), ("prepared_statement_cache_size", "0")}
)
"""How users of Prisma, asyncpg and SQLAlchemy mark a URL that leads through a transaction pooler."""


class InvalidDatabaseUrl(MomentError):
    """A malformed database URL. The message contains no part of the URL, which may contain the password."""

    code = "invalid_database_url"
    permanent = True


class Dsn(msgspec.Struct, frozen=True):
    """A database and the credentials for it.

    Attributes:
        url: As asyncpg takes it; contains the password.
        pooled: Whether the connection leads through a transaction pooler.
        application_name: What the server shows for our connections, unless `url` has a name itself.
    """

    url: str
    pooled: bool = False
    application_name: str = "moment"

    def __repr__(self) -> str:
        """Show the place without the credentials."""
        place = urlsplit(self.url)
        return f"Dsn({place.netloc.rpartition('@')[2]}{place.path})"


def normalise(url: str) -> Dsn:
    """Return the URL in the form that asyncpg takes: one scheme, quoted parts, known keys.

    Raises:
        InvalidDatabaseUrl: The text is not the URL of a Postgres database.
    """
    parts = _split(url.strip())
    options = dict(parse_qsl(parts.query))
    if "ssl" in options:  # SQLAlchemy's asyncpg dialect: dropping it would drop the encryption
        options.setdefault("sslmode", options.pop("ssl"))
    _check_tls(options)
    if not re.fullmatch(r"[\d,]*", options.get("port", "")):
        raise InvalidDatabaseUrl("the database URL's port must be a number")
    kept = {name: value for name, value in options.items() if name in _KEPT and value}
    authority = _credentials(parts) + _hosts(parts)
    query = f"?{urlencode(kept, quote_via=quote)}" if kept else ""
    path = quote(unquote(parts.path), safe="/")
    return Dsn(
        url=f"postgresql://{authority}{path}{query}",
        pooled=not _UNCACHED.isdisjoint((name, value.lower()) for name, value in options.items()),
    )


def check_files(dsn: Dsn) -> None:
    """Check the certificates that a URL names.

    The driver would report a missing file as if the server were not there.

    Raises:
        InvalidDatabaseUrl: A file cannot be read, or there is no certificate authority to verify the server with.
    """
    options = dict(parse_qsl(urlsplit(dsn.url).query))
    if options.get("sslmode") == "disable":
        return
    for name in _FILES:
        try:
            Path(options.get(name, os.devnull)).read_bytes()
        except OSError as error:
            raise InvalidDatabaseUrl(f"the database URL's {name} cannot be read: {error.strerror}") from None
    _check_authority(options)


def _check_authority(options: dict[str, str]) -> None:
    if file := options.get("sslrootcert"):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except ssl.SSLError:
            raise InvalidDatabaseUrl("the database URL's sslrootcert names a file without a certificate") from None
    elif options.get("sslmode", "").startswith("verify-"):
        with suppress(OSError, RuntimeError):  # no such file; no home
            (Path.home() / ".postgresql" / "root.crt").read_bytes()  # where libpq and the driver look for it
            return
        raise InvalidDatabaseUrl(f"the database URL's sslmode={options['sslmode']} needs sslrootcert=<file>")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidDatabaseUrl("the database URL cannot be read: percent-encode brackets in the password") from None
    if not _SCHEME.fullmatch(parts.scheme) or not url[len(parts.scheme) :].startswith("://"):
        raise InvalidDatabaseUrl("the database URL must begin with postgresql://")
    if parts.fragment:
        raise InvalidDatabaseUrl("the database URL has a '#' in it: percent-encode it as %23")
    return parts


def _check_tls(options: dict[str, str]) -> None:
    if options.get("sslmode", "prefer") not in _SSL_MODES:
        raise InvalidDatabaseUrl(f"the database URL's sslmode must be one of {', '.join(sorted(_SSL_MODES))}")
    if options.get("sslrootcert") == "system":
        raise InvalidDatabaseUrl("the database URL's sslrootcert must name a file: 'system' is not supported")


def _credentials(parts: SplitResult) -> str:
    login = parts.netloc.rpartition("@")[0]
    user, _, password = login.partition(":")
    if not login:
        return ""
    secret = f":{_requoted(password)}" if password else ""
    return f"{_requoted(user)}{secret}@"


def _requoted(text: str) -> str:
    return quote(unquote(text), safe="")


def _hosts(parts: SplitResult) -> str:
    hosts = parts.netloc.rpartition("@")[2]
    for host in hosts.split(",") if hosts else ():
        port = re.fullmatch(r"(?:\[[0-9a-fA-F:.%]+\]|[\w.%~-]*)(?::(\d{1,5}))?", host)
        if port is None or (port[1] and not 0 < int(port[1]) < 65536):
            raise InvalidDatabaseUrl("the database URL's host or port cannot be read: percent-encode the password")
    return hosts
