"""What the operator set: read once from the environment and `.env`, checked, frozen."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from dotenv import dotenv_values

from adapters.postgres.dsn import Dsn, InvalidDatabaseUrl, normalise
from domain.errors import MomentError

T = TypeVar("T")

REQUIRED_FOR_SPACES: Final = ("DO_SPACES_KEY", "DO_SPACES_SECRET", "DO_SPACES_BUCKET")
PLACE_OF_SPACES: Final = ("DO_SPACES_REGION", "DO_SPACES_ENDPOINT")
IGNORED_PREFIXES: Final = ("CELERY_", "REDIS_")
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS: Final = ("text", "json")
MEGABYTE: Final = 1_000_000


class InvalidSettings(MomentError):
    """A setting that cannot be used; the message names the variable."""

    code = "invalid_settings"
    permanent = True


class Spaces(msgspec.Struct, frozen=True, kw_only=True):
    """Where DigitalOcean Spaces, or another S3, is; `region` or `endpoint` may be empty, not both."""

    key: str
    secret: str
    region: str
    bucket: str
    endpoint: str

    def __repr__(self) -> str:
        """Show where, not how."""
        return f"Spaces(endpoint={self.endpoint!r}, bucket={self.bucket!r}, key='***', secret='***')"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of every process. None and empty text stand for "not configured".

    Attributes:
        database: Postgres; may lead through a transaction-pooling PgBouncer.
        database_direct: The same Postgres without a pooler, for LISTEN; where it is set, `database` leads through one.
        mcp_url: The streamable-HTTP endpoint of the music tools.
        tools_host: Where our own music tools listen, with `tools_port`.
        tools_workers: Calls that they compute at the same time; 0 means one per core.
        voice_id: The voice of blueprints that name none.
        public_url: Where the API is reached from outside, without a trailing slash; signed URLs start with it.
        data_dir: Where everything that is embedded keeps its files.
        slots: Jobs that one worker runs at the same time.
        lease: Seconds after which the job of a silent worker is given to another.
        poll: Seconds between two looks into the queue when no hint comes.
        retry_cap: Seconds between two attempts at a job, at most.
        tool_timeout: Seconds that a call of any music tool may take; 0 means what each of them usually needs.
        grace: Seconds that running jobs may take to finish when a worker is told to stop.
        url_expiry: Seconds that a signed URL is valid.
        job_timeout: Seconds that a job may take from the first time that a worker took it.
        retention_days: Days after which finished jobs are removed with their audio; 0 keeps them for ever.
        ignored: Names of variables of the Celery version that mean nothing any more.
    """

    database: Dsn | None = None
    database_direct: Dsn | None = None
    spaces: Spaces | None = None
    mcp_url: str = ""
    mcp_token: str = ""
    tools_host: str = "127.0.0.1"
    tools_port: int = 8080
    tools_workers: int = 0
    voice_id: str = "hummer"
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    data_dir: Path = Path(".moment")
    slots: int = 8
    lease: float = 15.0
    poll: float = 2.0
    retry_cap: float = 60.0
    tool_timeout: float = 0.0
    grace: float = 20.0
    max_upload_bytes: int = 200 * MEGABYTE
    url_expiry: float = 3600.0
    job_timeout: float = 900.0
    retention_days: float = 30.0
    cors_origins: tuple[str, ...] = ()
    log_level: str = "INFO"
    log_format: str = "text"
    ignored: tuple[str, ...] = ()

    @property
    def retention(self) -> timedelta:
        """How long finished jobs stay; nothing means for ever."""
        return timedelta(days=self.retention_days)

    def __repr__(self) -> str:
        """Show everything but secrets; a `Dsn` hides its own."""
        shown = msgspec.structs.asdict(self) | {"mcp_token": "***" if self.mcp_token else ""}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def load(environ: Mapping[str, str], folder: Path) -> Settings:
    """Return the settings from the environment and the folder's `.env`; the environment wins.

    Raises:
        InvalidSettings: The first thing wrong, in one line.
    """
    values = {name: value or "" for name, value in dotenv_values(folder / ".env").items()} | dict(environ)
    return parse({name: value.strip() for name, value in values.items()})


def parse(values: Mapping[str, str]) -> Settings:
    """Return the settings from plain names and values. Raises `InvalidSettings`."""
    read = _Reader(values)
    database, direct = _database(read, "DATABASE_URL"), _database(read, "DATABASE_DIRECT_URL")
    if database and direct and database.url != direct.url:
        database = msgspec.structs.replace(database, pooled=True)
    host = read.text("MOMENT_HOST", "127.0.0.1")
    port = read.number("MOMENT_PORT", 8000, int, 1, 65535)
    return Settings(
        database=database,
        database_direct=direct,
        spaces=_spaces(read),
        mcp_url=_mcp_url(read),
        mcp_token=read.text("MCP_AUTH_TOKEN"),
        tools_host=read.text("MUSIC_TOOLS_HOST", "127.0.0.1"),
        tools_port=read.number("MUSIC_TOOLS_PORT", 8080, int, 1, 65535),
        tools_workers=read.number("MUSIC_TOOLS_WORKERS", 0, int, 0, 256),
        voice_id=read.text("ELEVENLABS_DEFAULT_VOICE_ID", "hummer"),
        host=host,
        port=port,
        public_url=read.url("PUBLIC_URL", local_url(host, port), ("http", "https")).rstrip("/"),
        data_dir=Path(read.text("MOMENT_DATA_DIR", ".moment")),
        slots=read.number("MOMENT_WORKER_SLOTS", 8, int, 1, 1000),
        lease=read.number("MOMENT_LEASE_SECONDS", 15.0, float, 3, 3600),
        poll=read.number("MOMENT_POLL_SECONDS", 2.0, float, 0.05, 60),
        retry_cap=read.number("MOMENT_RETRY_CAP_SECONDS", 60.0, float, 0, 3600),
        tool_timeout=read.number("MCP_TIMEOUT_SECONDS", 0.0, float, 0, 3600),
        grace=read.number("MOMENT_GRACE_SECONDS", 20.0, float, 0, 3600),
        max_upload_bytes=read.number("MAX_UPLOAD_BYTES", 200 * MEGABYTE, int, 1, 10_000 * MEGABYTE),
        url_expiry=read.number("URL_EXPIRY_SECONDS", 3600.0, float, 10, 604_800),
        job_timeout=read.number("JOB_TIMEOUT_SECONDS", 900.0, float, 1, 86_400),
        retention_days=read.number("RETENTION_DAYS", 30.0, float, 0, 36_500),
        cors_origins=tuple(origin for origin in read.text("CORS_ORIGINS").replace(",", " ").split() if origin),
        log_level=read.choice("MOMENT_LOG_LEVEL", "INFO", LOG_LEVELS),
        log_format=read.choice("MOMENT_LOG_FORMAT", "text", LOG_FORMATS),
        ignored=tuple(sorted(name for name in values if name.startswith(IGNORED_PREFIXES))),
    )


def local_url(host: str, port: int) -> str:
    """Return the URL under which a server that listens on `host` is reached from its own machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - read here, not bound
    bracketed = f"[{reachable}]" if ":" in reachable and not reachable.startswith("[") else reachable
    return f"http://{bracketed}:{port}"


class _Reader:
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name) or default

    def number(self, name: str, default: T, kind: Callable[[str], T], least: Any, most: Any) -> T:
        text = self.text(name)
        if not text:
            return default
        try:
            value = kind(text)
        except ValueError:
            raise InvalidSettings(f"{name} must be a number, not {text!r}") from None
        if not least <= value <= most:
            raise InvalidSettings(f"{name} must be between {least} and {most}, not {text}")
        return value

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        text = self.text(name, default)
        for known in choices:
            if text.lower() == known.lower():
                return known
        raise InvalidSettings(f"{name} must be one of {', '.join(choices)}, not {text!r}")

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        text = self.text(name, default)
        scheme, separator, rest = text.partition("://")
        if text and not (separator and rest and scheme in schemes):
            raise InvalidSettings(f"{name} must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return text


def _database(read: _Reader, name: str) -> Dsn | None:
    if not (url := read.text(name)):
        return None
    try:
        return normalise(url)
    except InvalidDatabaseUrl as error:
        raise InvalidSettings(f"{name}: {error.message}") from None


def _mcp_url(read: _Reader) -> str:
    url = read.url("MCP_BASE_URL", "", ("http", "https")).rstrip("/")
    return url if not url or url.endswith("/mcp") else f"{url}/mcp"


def _spaces(read: _Reader) -> Spaces | None:
    named = [name for name in (*REQUIRED_FOR_SPACES, *PLACE_OF_SPACES) if read.text(name)]
    if not named:
        return None
    missing = [name for name in REQUIRED_FOR_SPACES if not read.text(name)]
    if not any(read.text(name) for name in PLACE_OF_SPACES):
        missing.append("DO_SPACES_REGION")
    if missing:
        raise InvalidSettings(f"{named[0]} is set but {', '.join(missing)} is missing: set all of them, or none")
    return Spaces(
        key=read.text("DO_SPACES_KEY"),
        secret=read.text("DO_SPACES_SECRET"),
        region=read.text("DO_SPACES_REGION"),
        bucket=read.text("DO_SPACES_BUCKET"),
        endpoint=read.text("DO_SPACES_ENDPOINT"),
    )
