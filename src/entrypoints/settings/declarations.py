"""Every setting, declared once, as a field with its variable; docs/settings.md is generated from these declarations."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, get_type_hints

import msgspec

from adapters.postgres.dsn import Dsn
from adapters.toolkit.authorities import Authority
from application.moments.admission import WaitingLimits
from domain.blueprints.blueprint import OutputKind
from entrypoints import setting_kinds as kinds
from entrypoints.secret_files import SUFFIX
from entrypoints.setting_kinds import ALL, TEXT, Network, Process, Setting, choice, integer, number
from entrypoints.setting_sources import Unknown

MEGABYTE: Final = 1_000_000

API: Final[tuple[Process, ...]] = ("api",)
WORKER: Final[tuple[Process, ...]] = ("worker",)
TOOLS: Final[tuple[Process, ...]] = ("music-tools",)
STORES: Final[tuple[Process, ...]] = ("api", "worker")
KNOW_THE_STORE: Final[tuple[Process, ...]] = (*STORES, *TOOLS)
PRIVATE_NETWORKS: Final = tuple(
    ip_network(word)
    for word in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)
"""Of the loopback, and those of RFC 1918, RFC 3927, RFC 4193 and RFC 4291."""

_FOLDER: Final = "objects are kept in a folder under `MOMENT_DATA_DIR`"


class Spaces(msgspec.Struct, frozen=True, kw_only=True):
    """DigitalOcean Spaces, or another S3. `region` or `endpoint` may be empty, not both."""

    key: Annotated[
        str, Setting("DO_SPACES_KEY", TEXT, "The access key of the bucket.", STORES, unset=_FOLDER, secret=True)
    ]
    secret: Annotated[
        str, Setting("DO_SPACES_SECRET", TEXT, "The secret of that key.", STORES, unset=_FOLDER, secret=True)
    ]
    bucket: Annotated[
        str, Setting("DO_SPACES_BUCKET", kinds.BUCKET, "The bucket of all objects.", STORES, unset=_FOLDER)
    ]
    region: Annotated[
        str, Setting("DO_SPACES_REGION", TEXT, "The region of the bucket.", STORES, unset="part of the endpoint")
    ] = ""
    endpoint: Annotated[
        str,
        Setting(
            "DO_SPACES_ENDPOINT",
            TEXT,
            "The URL of the object store; signed URLs start with it, so browsers and tools must reach it too.",
            KNOW_THE_STORE,
            unset="derived from the region",
        ),
    ] = ""

    def __repr__(self) -> str:
        """Show where the store is, without its keys."""
        return (
            f"Spaces(endpoint={kinds.without_login(self.endpoint)!r}, bucket={self.bucket!r}, key='***', secret='***')"
        )


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of every process. None and empty text stand for "not configured".

    Attributes:
        spaces: The object store, where `DO_SPACES_*` name one.
        ignored: Names of variables of the Celery version that were found and mean nothing any more.
        links: Names of variables of Kubernetes that look like ours.
        unknown: Variables that are meant for us and that nothing reads.
    """

    database: Annotated[
        Dsn | None,
        Setting(
            "DATABASE_URL",
            kinds.DATABASE,
            "Postgres; may lead through a transaction-pooling PgBouncer.",
            ("api", "worker", "migrate"),
            unset="`moment up` starts an embedded Postgres",
            secret=True,
        ),
    ] = None
    database_direct: Annotated[
        Dsn | None,
        Setting(
            "DATABASE_DIRECT_URL",
            kinds.DATABASE,
            "The same Postgres without the pooler, for LISTEN and migrations. "
            "Set it only where `DATABASE_URL` leads through a pooler.",
            ("worker", "migrate"),
            unset="`DATABASE_URL`",
            secret=True,
        ),
    ] = None
    database_connections: Annotated[
        int,
        Setting(
            "MOMENT_DATABASE_CONNECTIONS",
            integer(1, 100),
            "Connections that one process opens at most for its statements; a worker has two more, for heartbeats and "
            "for LISTEN.",
            STORES,
        ),
    ] = 2
    spaces: Spaces | None = None
    mcp_url: Annotated[
        str,
        Setting(
            "MCP_BASE_URL",
            kinds.MCP_URL,
            "The streamable HTTP endpoint of the music tools: ours, or any MCP server with the same tools.",
            WORKER,
            unset="`moment up` starts music-tools",
        ),
    ] = ""
    mcp_token: Annotated[
        str,
        Setting(
            "MCP_AUTH_TOKEN",
            TEXT,
            "The bearer token that workers send and music-tools requires.",
            ("worker", "music-tools"),
            unset="no token",
            secret=True,
        ),
    ] = ""
    api_key: Annotated[
        str,
        Setting(
            "MOMENT_API_KEY",
            TEXT,
            "The key of the API that the tool `create_moment` sends for callers who present none of their own: its "
            "owner owns their jobs. The command line sends it, too, where it is in the environment.",
            TOOLS,
            unset="their jobs have no owner",
            secret=True,
        ),
    ] = ""
    output_dir: Annotated[
        Path | None,
        Setting(
            "MCP_OUTPUT_DIR",
            kinds.PATH,
            "The folder in which another tool server leaves its results (`output_path`), if it neither takes an "
            "`upload_url` nor declares an `output_url`; workers must see it under the same path.",
            WORKER,
            unset="results are uploaded, or fetched by URL",
        ),
    ] = None
    tools_host: Annotated[str, Setting("MUSIC_TOOLS_HOST", TEXT, "The address that music-tools listens on.", TOOLS)] = (
        "127.0.0.1"
    )
    tools_port: Annotated[
        int, Setting("MUSIC_TOOLS_PORT", integer(1, 65535), "The port that music-tools listens on.", TOOLS)
    ] = 8080
    tools_workers: Annotated[
        int, Setting("MUSIC_TOOLS_WORKERS", integer(0, 256), "Calls computed in parallel; 0 means one per core.", TOOLS)
    ] = 0
    tools_audio_dir: Annotated[
        Path | None,
        Setting(
            "MUSIC_TOOLS_AUDIO_DIR",
            kinds.PATH,
            "The folder whose recordings callers of `create_moment` may name by their paths; no link leads out of it.",
            TOOLS,
            unset="the current folder on a loopback address, no folder elsewhere",
        ),
    ] = None
    soundfont: Annotated[
        Path | None,
        Setting(
            "MOMENT_SOUNDFONT",
            kinds.PATH,
            "A General MIDI SoundFont (SF2 or SF3) from which the band plays strings, horns, choir, piano, woodwinds "
            "and guitars; the same one for all tool servers.",
            TOOLS,
            unset="the band synthesises every instrument",
        ),
    ] = None
    tools_output_hours: Annotated[
        float,
        Setting(
            "MUSIC_TOOLS_OUTPUT_HOURS",
            number(0.01, 8760),
            "Hours for which results without an `upload_url` stay in `output/` under `MOMENT_DATA_DIR`, at most 5 GB.",
            TOOLS,
        ),
    ] = 24.0
    egress_allowed: Annotated[
        tuple[Authority, ...],
        Setting(
            "EGRESS_ALLOWED_HOSTS",
            kinds.HOSTS,
            "Hosts that are not public and that URLs of callers may name all the same: `audio_url` and `webhook` of a "
            "request, the latter without TLS too, and, besides the object store of `DO_SPACES_*` and `PUBLIC_URL`, the "
            "arguments of tools.",
            KNOW_THE_STORE,
            unset="none",
        ),
    ] = ()
    webhook_secret: Annotated[
        str,
        Setting(
            "WEBHOOK_SECRET",
            kinds.WEBHOOK_SECRET,
            "Signs the webhooks of requests without a key; the same for api and workers.",
            STORES,
            unset="`moment up` makes one; others refuse `webhook`",
            secret=True,
        ),
    ] = ""
    former_webhook_secret: Annotated[
        str,
        Setting(
            "WEBHOOK_SECRET_FORMER",
            kinds.WEBHOOK_SECRET,
            "Signs them as well, while receivers change to the new secret.",
            WORKER,
            unset="one signature",
            secret=True,
        ),
    ] = ""
    speech: Annotated[
        str,
        Setting(
            "MOMENT_SPEECH",
            kinds.SPEECH,
            "The speech engine, eSpeak NG, that says lyrics where `metadata.vocals` asks for words: `espeak-ng` is the "
            "system's, `espeakng-loader` the one of the extra `lyrics`.",
            TOOLS,
            unset="none: lyrics are hummed, with the warning `lyrics_not_sung`",
        ),
    ] = ""
    voice_id: Annotated[
        str,
        Setting(
            "ELEVENLABS_DEFAULT_VOICE_ID", TEXT, "The voice of blueprints that name none.", ("worker", "music-tools")
        ),
    ] = "hummer"
    host: Annotated[str, Setting("MOMENT_HOST", TEXT, "The address that the api listens on.", API)] = "127.0.0.1"
    port: Annotated[int, Setting("MOMENT_PORT", integer(1, 65535), "The port that the api listens on.", API)] = 8000
    public_url: Annotated[
        str,
        Setting(
            "PUBLIC_URL",
            kinds.URL,
            "The URL under which others reach the api; signed URLs of the embedded store start with it.",
            ("api", "worker", "music-tools"),
            unset="`http://{MOMENT_HOST}:{MOMENT_PORT}`",
        ),
    ] = "http://127.0.0.1:8000"
    data_dir: Annotated[
        Path, Setting("MOMENT_DATA_DIR", kinds.PATH, "The folder of the embedded parts and their secrets.", ALL)
    ] = Path(".moment")
    slots: Annotated[
        int, Setting("MOMENT_WORKER_SLOTS", integer(1, 1000), "Jobs that one worker runs at the same time.", WORKER)
    ] = 8
    conversions_at_once: Annotated[
        int,
        Setting(
            "MOMENT_CONVERSIONS_AT_ONCE",
            integer(1, 64),
            "Files in other formats that one worker has made at the same time while it runs no jobs; beside jobs it is "
            "one.",
            WORKER,
        ),
    ] = 2
    lease: Annotated[
        float,
        Setting(
            "MOMENT_LEASE_SECONDS",
            number(3, 3600),
            "Seconds after which the jobs of a worker that stopped responding are claimed by another.",
            STORES,
        ),
    ] = 15.0
    poll: Annotated[
        float,
        Setting(
            "MOMENT_POLL_SECONDS",
            number(0.05, 60),
            "Seconds between two polls of the queue; notifications usually arrive first.",
            WORKER,
        ),
    ] = 2.0
    retry_cap: Annotated[
        float,
        Setting("MOMENT_RETRY_CAP_SECONDS", number(0, 3600), "The longest delay before a job is tried again.", WORKER),
    ] = 60.0
    tool_timeout: Annotated[
        float,
        Setting(
            "MCP_TIMEOUT_SECONDS",
            number(0, 3600),
            "The time-out of every tool call but `create_song` in seconds, waiting for busy tools excluded; 0 means a "
            "default for each tool.",
            WORKER,
        ),
    ] = 0.0
    song_timeout: Annotated[
        float,
        Setting(
            "MCP_SONG_TIMEOUT_SECONDS",
            number(0, 3600),
            "The time-out of `create_song` in seconds, waiting for busy tools excluded; 0 means 600.",
            WORKER,
        ),
    ] = 0.0
    grace: Annotated[
        float,
        Setting(
            "MOMENT_GRACE_SECONDS",
            number(0, 3600),
            "Seconds that running jobs, calls and requests get to finish after SIGTERM.",
            ("api", "worker", "music-tools"),
        ),
    ] = 20.0
    lame_duck: Annotated[
        float,
        Setting(
            "MOMENT_LAME_DUCK_SECONDS",
            number(0, 3600),
            "Seconds for which the api serves on after SIGTERM while `/readyz` returns 503; "
            "longer than a load balancer takes to notice.",
            API,
        ),
    ] = 5.0
    max_upload_bytes: Annotated[
        int,
        Setting(
            "MAX_UPLOAD_BYTES",
            integer(1, 10_000 * MEGABYTE),
            "The largest recording that is accepted, and the largest result that is taken from `MCP_OUTPUT_DIR`.",
            STORES,
        ),
    ] = 200 * MEGABYTE
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Setting(
            "TRUSTED_PROXIES",
            kinds.NETWORKS,
            "Where proxies are: of whom they name in `X-Forwarded-For`, the last one that is no such proxy is the "
            "client. Who comes from there without being named is unknown, and has no limits of its own.",
            API,
            unset="loopback, link-local and private networks",
        ),
    ] = PRIVATE_NETWORKS
    reads_per_minute: Annotated[
        int,
        Setting(
            "RATE_LIMIT_READS",
            integer(0, 1_000_000),
            "Requests in a minute by which one key's owner, or one address, may read statuses and all else; 0 for any.",
            API,
        ),
    ] = 3000
    changes_per_minute: Annotated[
        int,
        Setting(
            "RATE_LIMIT_CHANGES",
            integer(0, 1_000_000),
            "Other requests in a minute: those that create, change or delete.",
            API,
        ),
    ] = 600
    max_waiting: Annotated[
        int,
        Setting(
            "MAX_WAITING",
            integer(1, 10_000_000),
            "Jobs that may wait for a worker; more are refused with `queue_full`. The count is a second old.",
            API,
        ),
    ] = 100_000
    max_waiting_of_client: Annotated[
        int,
        Setting(
            "MAX_WAITING_PER_CLIENT",
            integer(1, 1_000_000),
            "Jobs of one key's owner, or of one address, that may wait; more are refused with `too_many_waiting`. A "
            "key may have a limit of its own.",
            API,
        ),
    ] = 1000
    output_kind: Annotated[
        OutputKind,
        Setting("MCP_OUTPUT_KIND", kinds.OUTPUT_KIND, "The output kind of requests that name none.", API),
    ] = OutputKind.PREVIEW
    url_expiry: Annotated[
        float,
        Setting(
            "URL_EXPIRY_SECONDS",
            number(10, 604_800),
            "Seconds for which a signed URL is valid at most; when it is returned, about half of them may have passed.",
            STORES,
            former="DO_SPACES_URL_EXPIRY_SECONDS",
        ),
    ] = 3600.0
    job_timeout: Annotated[
        float,
        Setting(
            "JOB_TIMEOUT_SECONDS",
            number(1, 86_400),
            "Seconds that a job may be worked on, retries included; then it ends as FAILED. Waiting does not count.",
            WORKER,
        ),
    ] = 900.0
    max_age_hours: Annotated[
        float,
        Setting(
            "JOB_MAX_AGE_HOURS",
            number(0.01, 8760),
            "Hours after which a job that is not done ends as FAILED, whatever it waited for. Its recording is kept.",
            WORKER,
        ),
    ] = 24.0
    refused_audio_hours: Annotated[
        float,
        Setting(
            "REFUSED_AUDIO_HOURS",
            number(0, 8760),
            "Hours after which the audio of a job is removed that failed because of its recording or blueprint.",
            WORKER,
        ),
    ] = 24.0
    upkeep_share: Annotated[
        float,
        Setting(
            "MOMENT_UPKEEP_SHARE",
            number(0.001, 1),
            "Share of one worker's time, of the whole fleet's, in which expired jobs and orphans are removed.",
            WORKER,
        ),
    ] = 0.1
    retention_days: Annotated[
        float,
        Setting(
            "RETENTION_DAYS",
            number(0, 36_500),
            "Days after which finished jobs are removed with their audio; 0 keeps them for ever. The api shows it.",
            STORES,
        ),
    ] = 30.0
    require_keys: Annotated[
        bool,
        Setting(
            "REQUIRE_KEYS",
            kinds.SWITCH,
            "Whether the API serves nobody without a key (`moment keys create`); pages, health checks, signed URLs and "
            "shared moments stay open.",
            API,
        ),
    ] = False
    local_operators: Annotated[
        bool | None,
        Setting(
            "LOCAL_OPERATORS",
            kinds.SWITCH,
            "Whether programs on the api's own machine may operate the service (`/v1/operations/`) without a key: over "
            "a direct connection to a loopback address, and only while `PUBLIC_URL` is one. A proxy on that machine "
            "may let others in.",
            API,
            unset="only with `moment up`",
        ),
    ] = None
    moments_quota: Annotated[
        int | None,
        Setting(
            "MOMENTS_PER_MONTH",
            integer(0, 2_000_000_000),
            "How many moments each owner of keys may have made in a calendar month (UTC), where the key says nothing.",
            API,
            unset="as many as they like",
        ),
    ] = None
    seconds_quota: Annotated[
        int | None,
        Setting(
            "MUSIC_SECONDS_PER_MONTH",
            integer(0, 2_000_000_000),
            "After how many seconds of finished music each owner of keys may have no more moments made in that month, "
            "where the key says nothing.",
            API,
            unset="no limit",
        ),
    ] = None
    cors_origins: Annotated[
        tuple[str, ...],
        Setting(
            "CORS_ORIGINS",
            kinds.ORIGINS,
            "Origins whose pages may call the api.",
            API,
            unset="none",
            former="CORS_ALLOW_ORIGINS",
        ),
    ] = ()
    allowed_hosts: Annotated[
        tuple[Authority, ...],
        Setting(
            "ALLOWED_HOSTS",
            kinds.HOSTS,
            "Hosts under which the api may be requested, besides that of `PUBLIC_URL`; `/healthz` and `/readyz` may be "
            "under any.",
            API,
            unset="every host",
        ),
    ] = ()
    log_level: Annotated[
        str,
        Setting(
            "MOMENT_LOG_LEVEL", choice("DEBUG", "INFO", "WARNING", "ERROR"), "The least level that is logged.", ALL
        ),
    ] = "INFO"
    log_format: Annotated[
        str, Setting("MOMENT_LOG_FORMAT", choice("text", "json"), "The format of a log line.", ALL)
    ] = "text"
    ignored: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """What signs webhooks without an owner, the present secret first; empty if nothing does."""
        return tuple(filter(None, (self.webhook_secret, self.former_webhook_secret))) if self.webhook_secret else ()

    @property
    def signs_webhooks(self) -> bool:
        """Whether webhooks without an owner can be signed."""
        return bool(self.webhook_secret)

    @property
    def delivery_poll(self) -> float:
        """Seconds between two claims of webhooks: nothing else tells of them."""
        return min(self.poll, 1.0)

    @property
    def waiting_limits(self) -> WaitingLimits:
        """How many jobs may wait."""
        return WaitingLimits(of_all=self.max_waiting, of_client=self.max_waiting_of_client)

    @property
    def max_age(self) -> timedelta:
        """How old an unfinished job may become."""
        return timedelta(hours=self.max_age_hours)

    @property
    def refused_audio(self) -> timedelta:
        """How long the audio of a refused job is kept."""
        return timedelta(hours=self.refused_audio_hours)

    @property
    def retention(self) -> timedelta:
        """How long finished jobs are kept; zero means for ever."""
        return timedelta(days=self.retention_days)

    def __repr__(self) -> str:
        """Show everything but secrets, also in URLs; a `Dsn` hides its own."""
        fields = msgspec.structs.asdict(self)
        shown = {
            name: kinds.without_login(value) if isinstance(value, str) else value for name, value in fields.items()
        }
        secrets = ("mcp_token", "api_key", "webhook_secret", "former_webhook_secret")
        shown |= {name: "***" if shown[name] else "" for name in secrets}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def declared(struct: type[Settings | Spaces]) -> Iterator[tuple[str, Setting]]:
    """Yield the settings that a struct declares, each with the name of its field."""
    for field, hint in get_type_hints(struct, include_extras=True).items():
        for extra in getattr(hint, "__metadata__", ()):
            yield field, extra


def secret_names() -> list[str]:
    """Return the variables whose values must never be shown; each may be in a file (`NAME_FILE`)."""
    return [setting.name for struct in (Settings, Spaces) for _, setting in declared(struct) if setting.secret]


def known() -> set[str]:
    """Return the names of all variables that are read."""
    names = {name for struct in (Settings, Spaces) for _, setting in declared(struct) for name in setting.names if name}
    return names | {f"{name}{SUFFIX}" for name in secret_names()}
