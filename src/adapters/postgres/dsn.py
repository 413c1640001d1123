"""Reading database URLs in the variants that the tools around Postgres write."""

import re
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from domain.errors import MomentError

_SCHEME: Final = re.compile(r"postgres(ql)?(\+[a-z0-9_]+)?")
_URL: Final = re.compile(
    r"(?P<scheme>[^:/?#]+)://"
    r"(?:(?!\[)(?P<user>[^:/?]*)(?::(?P<password>[^@]*(?:@[^@/?#]*)*))?@(?=[^@/?]*(?:[/?]|$)))?"
    r"(?P<hosts>[^/?]*)(?P<path>/[^?]*)?(?:\?(?P<query>.*))?",
    re.DOTALL,
)
"""As SQLAlchemy reads a URL: what is not encoded in a password may be any of `/ # ? [ ]`, and we add `@`."""

_HOST_AND_QUERY: Final = re.compile(r"\d+(,[^/?]*)?(/[^?]*)?\?\w+=")
"""What seems to be a password, but is a port, a path and the beginning of a query that contains an `@`."""

_SSL: Final = {
    **dict.fromkeys(("true", "1", "on", "yes", "no-verify"), "require"),
    **dict.fromkeys(("false", "0", "off", "no"), "disable"),
}
"""What drivers of other languages call the modes of libpq."""

_SSL_MODES: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_KEPT: Final = frozenset({
    "host", "port", "user", "password", "passfile", "dbname", "database", "service", "target_session_attrs",
    "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib",
    "application_name", "options",
})  # fmt: skip
"""The keys that asyncpg understands, and two that it must pass to the server. It passes on every other key as well,
and a server refuses connections that set unknown parameters (`channel_binding`, `keepalives`, `pgbouncer` …)."""
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
        return f"Dsn({self.place})"

    @property
    def place(self) -> str:
        """Host and database, without the credentials."""
        return f"{self.server}{urlsplit(self.url).path}"

    @property
    def server(self) -> str:
        """Hosts and ports, without the credentials; empty where only the query names them."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


def normalise(url: str) -> Dsn:
    """Return the URL in the form that asyncpg takes: one scheme, quoted parts, known keys.

    Raises:
        InvalidDatabaseUrl: The text is not the URL of a Postgres database.
    """
    parts = _split(url.strip())
    options = _options(parts["query"] or "")
    _check_tls(options)
    if not re.fullmatch(r"[\d,]*", options.get("port", "")):
        raise InvalidDatabaseUrl("the database URL's port must be a number")
    kept = {name: value for name, value in options.items() if name in _KEPT and value}
    authority = _credentials(parts["user"], parts["password"]) + _hosts(parts["hosts"])
    query = f"?{urlencode(kept, quote_via=quote)}" if kept else ""
    path = quote(unquote(parts["path"] or ""), safe="/")
    return Dsn(
        url=f"postgresql://{authority}{path}{query}",
        pooled=not _UNCACHED.isdisjoint((name, value.lower()) for name, value in options.items()),
    )


def _split(url: str) -> dict[str, str | None]:
    found = _URL.fullmatch(url)
    if found is None or not _SCHEME.fullmatch(found["scheme"]):
        raise InvalidDatabaseUrl("the database URL must begin with postgresql://")
    if found["password"] and _HOST_AND_QUERY.match(found["password"]):
        rest = urlsplit(url)
        hosts = {"user": None, "password": None, "hosts": rest.netloc}
        return {"scheme": rest.scheme, **hosts, "path": rest.path, "query": rest.query}
    return found.groupdict()


def _options(query: str) -> dict[str, str]:
    """Return the options; a host that is named several times is several hosts, as for SQLAlchemy."""
    pairs = parse_qsl(query)
    options = dict(pairs)
    if hosts := [value for name, value in pairs if name == "host"]:
        options["host"] = ",".join(hosts)
    if "ssl" in options:  # SQLAlchemy's asyncpg dialect: dropping it would drop the encryption
        options.setdefault("sslmode", options.pop("ssl"))
    if mode := options.get("sslmode"):
        options["sslmode"] = _SSL.get(mode.lower(), mode.lower())
    return options


def _check_tls(options: dict[str, str]) -> None:
    if options.get("sslmode", "prefer") not in _SSL_MODES:
        raise InvalidDatabaseUrl(f"the database URL's sslmode must be one of {', '.join(sorted(_SSL_MODES))}")
    if options.get("sslrootcert") == "system":
        raise InvalidDatabaseUrl("the database URL's sslrootcert must name a file: 'system' is not supported")


def _credentials(user: str | None, password: str | None) -> str:
    if not user and not password:
        return ""
    secret = f":{_requoted(password)}" if password else ""
    return f"{_requoted(user or '')}{secret}@"


def _requoted(text: str) -> str:
    return quote(unquote(text), safe="")


def _hosts(hosts: str | None) -> str:
    for host in hosts.split(",") if hosts else ():
        port = re.fullmatch(r"(?:\[[0-9a-fA-F:.%]+\]|[\w.%~-]*)(?::(\d{1,5}))?", host)
        if port is None or (port[1] and not 0 < int(port[1]) < 65536):
            raise InvalidDatabaseUrl("the database URL's host or port cannot be read: percent-encode the password")
    return hosts or ""
