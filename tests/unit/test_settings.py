"""Settings are read once, checked, and keep their secrets."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.tools import ToolName
from domain.blueprints.blueprint import OutputKind
from entrypoints import logs
from entrypoints.container.opening import tool_timeouts
from entrypoints.music_tools.process import Options
from entrypoints.settings import InvalidSettings, Settings, load, local_url, parse

SPACES = {
    "DO_SPACES_KEY": "DO00",
    "DO_SPACES_SECRET": "hush",
    "DO_SPACES_REGION": "fra1",
    "DO_SPACES_BUCKET": "moments",
    "DO_SPACES_ENDPOINT": "https://fra1.digitaloceanspaces.com",
}

ANYWHERE = "0.0.0.0"  # noqa: S104 - read, not bound


def test_nothing_configured_means_everything_embedded() -> None:
    settings = parse({})
    assert (settings.database, settings.spaces, settings.mcp_url) == (None, None, "")
    assert (settings.port, settings.max_upload_bytes) == (8000, 200_000_000)
    assert settings == Settings()


def test_a_file_written_for_the_celery_version_works_unchanged(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "DATABASE_URL=postgresql+psycopg2://postgres:postgres@db:5432/moments\n"
        "CELERY_BROKER_URL=redis://redis:6379/0\nCELERY_RESULT_BACKEND=redis://redis:6379/1\nREDIS_URL=redis://redis\n"
        "DO_SPACES_KEY=k\nDO_SPACES_SECRET=s\nDO_SPACES_REGION=nyc3\nDO_SPACES_BUCKET=b\n"
        "DO_SPACES_ENDPOINT=https://nyc3.digitaloceanspaces.com\n"
        "MCP_BASE_URL=http://localhost:8080/mcp\nMCP_AUTH_TOKEN=t\nELEVENLABS_DEFAULT_VOICE_ID=rachel\n"
    )
    settings = load({}, tmp_path)
    assert settings.database is not None
    assert settings.database.url == "postgresql://postgres:postgres@db:5432/moments"
    assert settings.spaces is not None
    assert (settings.mcp_url, settings.mcp_token, settings.voice_id) == ("http://localhost:8080/mcp", "t", "rachel")
    assert settings.ignored == ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "REDIS_URL")


@pytest.mark.parametrize("name", ["MCP_BASE_URL", "PUBLIC_URL", "DO_SPACES_ENDPOINT"])
@pytest.mark.parametrize("url", ["https://me:hush@host.example:9000/path", "http://h%75sh@[::1]/mcp"])
def test_credentials_in_urls_are_not_shown(name: str, url: str) -> None:
    settings = parse({**SPACES, "DO_SPACES_KEY": "key", "DO_SPACES_SECRET": "x", name: url})
    shown = repr(settings)
    assert "hush" not in shown
    assert "h%75sh" not in shown
    assert "host.example:9000" in shown or "[::1]" in shown
    options = Options(api_base_url=url, token="hush")
    assert "hush" not in repr(options)
    assert "h%75sh" not in repr(options)


def test_one_line_says_where_the_queue_went(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logs.warn_of_ignored(parse({"CELERY_BROKER_URL": "redis://", "REDIS_URL": "redis://"}))
    assert [record.getMessage() for record in caplog.records] == [
        "ignoring CELERY_BROKER_URL, REDIS_URL: the queue is in Postgres now"
    ]


def test_names_of_the_celery_version_are_read_where_ours_are_not_set() -> None:
    former = {
        "CORS_ALLOW_ORIGINS": "https://a.example,https://b.example",
        "DO_SPACES_URL_EXPIRY_SECONDS": "1200",
        "MCP_OUTPUT_KIND": "Song",
        "MCP_SONG_TIMEOUT_SECONDS": "700",
        "MCP_TIMEOUT_SECONDS": "90",
    }
    settings = parse(former)
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert (settings.url_expiry, settings.output_kind) == (1200.0, OutputKind.SONG)
    assert (settings.tool_timeout, settings.song_timeout) == (90.0, 700.0)
    assert settings.ignored == ()
    both = parse({**former, "CORS_ORIGINS": "https://c.example", "URL_EXPIRY_SECONDS": ""})
    assert (both.cors_origins, both.url_expiry) == (("https://c.example",), 1200.0)


def test_an_error_names_the_variable_that_is_set() -> None:
    with pytest.raises(InvalidSettings, match="DO_SPACES_URL_EXPIRY_SECONDS must be a number"):
        parse({"DO_SPACES_URL_EXPIRY_SECONDS": "soon"})


def test_one_line_says_why_each_variable_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logs.warn_of_ignored(parse({"REDIS_URL": "redis://", "MCP_SONG_MODEL_ID": "m", "MCP_SONG_TIMEOUT_SECONDS": "9"}))
    assert [record.getMessage() for record in caplog.records] == [
        "ignoring MCP_SONG_MODEL_ID: songs are made as their blueprints say; REDIS_URL: the queue is in Postgres now"
    ]


@pytest.mark.parametrize(
    ("given", "timeouts"),
    [
        ({}, {}),
        ({"MCP_TIMEOUT_SECONDS": "90"}, {tool: 90.0 for tool in ToolName if tool is not ToolName.CREATE_SONG}),
        ({"MCP_SONG_TIMEOUT_SECONDS": "700"}, {ToolName.CREATE_SONG: 700.0}),
    ],
)
def test_songs_have_a_time_out_of_their_own(given: dict[str, str], timeouts: dict[str, float]) -> None:
    assert tool_timeouts(parse(given)) == timeouts


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MOMENT_PORT=1111\nMOMENT_HOST=0.0.0.0\n")
    settings = load({"MOMENT_PORT": "2222"}, tmp_path)
    assert (settings.port, settings.host) == (2222, ANYWHERE)


@pytest.mark.parametrize("url", ["http://tools:8080", "http://tools:8080/", "http://tools:8080/mcp", "tools:8080/mcp"])
def test_the_tools_url_is_completed(url: str) -> None:
    assert parse({"MCP_BASE_URL": url}).mcp_url == "http://tools:8080/mcp"


@pytest.mark.parametrize(
    "url",
    [
        "http://tools/mcp/",
        "https://tools/v1/tools",
        "http://tools/mcp?key=a%2Fb",
        "http://tools/a//b/",
        "http://[::1]:1/x",
    ],
)
def test_the_tools_url_is_taken_as_it_was_written(url: str) -> None:
    assert parse({"MCP_BASE_URL": url}).mcp_url == url


def test_the_tools_url_keeps_its_query() -> None:
    assert parse({"MCP_BASE_URL": "https://tools?key=x"}).mcp_url == "https://tools/mcp?key=x"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"MOMENT_PORT": "http"}, "MOMENT_PORT must be a number, not 'http'"),
        ({"MOMENT_PORT": "70000"}, "MOMENT_PORT must be between 1 and 65535, not 70000"),
        ({"MOMENT_LEASE_SECONDS": "nan"}, "MOMENT_LEASE_SECONDS must be between 3 and 3600, not nan"),
        ({"MOMENT_LOG_FORMAT": "xml"}, "MOMENT_LOG_FORMAT must be one of text, json, not 'xml'"),
        ({"MCP_BASE_URL": "ftp://tools:8080"}, "MCP_BASE_URL must start with http:// or https://"),
        ({"MCP_BASE_URL": "http://me:hush@tools", "MCP_AUTH_TOKEN": "t"}, "MCP_BASE_URL contains a login"),
        ({"MCP_BASE_URL": "http://"}, "MCP_BASE_URL is not the URL of a host"),
        ({"MCP_BASE_URL": "tools:http/mcp"}, "MCP_BASE_URL is not a URL"),
        ({"PUBLIC_URL": "http://api:99999"}, "PUBLIC_URL is not a URL"),
        ({"CORS_ORIGINS": "app.example.com"}, "CORS_ORIGINS must list origins such as https://app.example.com"),
        ({"CORS_ORIGINS": "https://a.test/app"}, "CORS_ORIGINS must list origins such as https://app.example.com"),
        ({**SPACES, "DO_SPACES_BUCKET": "my bucket"}, "DO_SPACES_BUCKET must be the name of a bucket, not 'my bucket'"),
        (
            {"MOMENT_SPEECH": "espeak"},
            "MOMENT_SPEECH must be espeak-ng, espeakng-loader or an absolute path, not 'espeak'",
        ),
        ({"DATABASE_URL": "mysql://db"}, "DATABASE_URL: the database URL must begin with postgresql://"),
        (
            {"DO_SPACES_KEY": "k"},
            "DO_SPACES_KEY is set but DO_SPACES_SECRET, DO_SPACES_BUCKET, DO_SPACES_REGION is missing",
        ),
        ({**SPACES, "DO_SPACES_SECRET": " "}, "DO_SPACES_KEY is set but DO_SPACES_SECRET is missing"),
    ],
)
def test_mistakes_are_said_in_one_line_with_their_name(values: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        parse({name: value.strip() for name, value in values.items()})
    assert caught.value.message.startswith(message)
    assert "\n" not in caught.value.message


def test_secrets_are_not_shown() -> None:
    settings = parse({**SPACES, "DATABASE_URL": "postgresql://me:hush@db/x", "MCP_AUTH_TOKEN": "hush"})
    assert "hush" not in repr(settings)
    assert "hush" not in str(settings)
    assert "moments" in repr(settings)


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), (ANYWHERE, "http://127.0.0.1:80"), ("::1", "http://[::1]:80")],
)
def test_local_urls_can_be_reached(host: str, url: str) -> None:
    assert local_url(host, 80) == url


def test_jobs_have_their_time_and_their_stay() -> None:
    assert (parse({}).job_timeout, parse({}).retention) == (900.0, timedelta(days=30))
    settings = parse({"JOB_TIMEOUT_SECONDS": "60", "RETENTION_DAYS": "0"})
    assert (settings.job_timeout, settings.retention) == (60.0, timedelta(0))


def test_a_direct_way_says_that_the_other_leads_through_a_pooler() -> None:
    direct, pooled = "postgresql://db:5432/x", "postgresql://pooler:6432/x"
    settings = parse({"DATABASE_URL": pooled, "DATABASE_DIRECT_URL": direct})
    assert settings.database is not None
    assert settings.database_direct is not None
    assert (settings.database.pooled, settings.database_direct.pooled) == (True, False)
    for values in ({"DATABASE_URL": direct}, {"DATABASE_URL": direct, "DATABASE_DIRECT_URL": direct}):
        database = parse(values).database
        assert database is not None
        assert not database.pooled


def test_all_problems_are_named_at_once() -> None:
    values = {"MOMENT_PORT": "http", "DATABASE_URL": "mysql://db", "MOMENT_LOG_FORMAT": "xml", "DO_SPACES_KEY": "k"}
    with pytest.raises(InvalidSettings) as caught:
        parse(values)
    assert len(caught.value.problems) == 4
    assert all(any(name in problem for problem in caught.value.problems) for name in values)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://app.example.com/", ("https://app.example.com",)),
        ("HTTPS://App.Example.com", ("https://app.example.com",)),
        ("'https://a.test', \"https://b.test/\"", ("https://a.test", "https://b.test")),
        ('["https://a.test","https://a.test/"]', ("https://a.test",)),
        (
            "https://a.test:443 http://b.test:80 http://c.test:8080",
            ("https://a.test", "http://b.test", "http://c.test:8080"),
        ),
        ("*", ("*",)),
        ("capacitor://localhost", ("capacitor://localhost",)),
    ],
)
def test_origins_are_written_as_browsers_send_them(text: str, origins: tuple[str, ...]) -> None:
    assert parse({"CORS_ORIGINS": text}).cors_origins == origins


def test_quotes_of_an_env_file_are_removed(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": '"postgresql://me:p@db/x"', "MOMENT_PORT": "'9000'", "MCP_AUTH_TOKEN": 'a"b', "X": '"'}
    settings = load(environ, tmp_path)
    assert settings.database is not None
    assert settings.database.url == "postgresql://me:p@db/x"
    assert (settings.port, settings.mcp_token) == (9000, 'a"b')


def test_links_of_kubernetes_are_no_settings(caplog: pytest.LogCaptureFixture) -> None:
    links = {
        "MUSIC_TOOLS_PORT": "tcp://10.0.0.1:8080",
        "MUSIC_TOOLS_PORT_8080_TCP": "tcp://10.0.0.1:8080",
        "MUSIC_TOOLS_PORT_8080_TCP_ADDR": "10.0.0.1",
        "MUSIC_TOOLS_SERVICE_HOST": "10.0.0.1",
        "MUSIC_TOOLS_SERVICE_PORT_HTTP": "8080",
        "MOMENT_PORT": "tcp://10.0.0.2:80",
    }
    settings = parse(links)
    assert (settings.port, settings.tools_port, settings.unknown) == (8000, 8080, ())
    assert set(settings.links) == links.keys()
    caplog.set_level(logging.INFO)
    logs.warn_of_ignored(settings)
    assert sum("MOMENT_PORT" in record.getMessage() for record in caplog.records) == 1


def test_misspelt_variables_are_named_with_the_nearest(caplog: pytest.LogCaptureFixture) -> None:
    wrong = ("MOMENT_WORKER_SLOT", "DO_SPACES_BUKET", "MCP_BASEURL", "MCP_TOKEN", "MOMENT_RETENTION_DAYS", "MOMENT_ZZZ")
    right = ("MOMENT_API_URL", "OTHER", "MOMENT_PORT", "MCP_AUTH_TOKEN_FILE")
    settings = parse(dict.fromkeys((*wrong, *right), "1"))
    assert {found.name: found.nearest for found in settings.unknown} == {
        "MOMENT_WORKER_SLOT": "MOMENT_WORKER_SLOTS",
        "DO_SPACES_BUKET": "DO_SPACES_BUCKET",
        "MCP_BASEURL": "MCP_BASE_URL",
        "MCP_TOKEN": "MCP_AUTH_TOKEN",
        "MOMENT_RETENTION_DAYS": "RETENTION_DAYS",
        "MOMENT_ZZZ": "",
    }
    logs.warn_of_ignored(settings)
    assert "MCP_BASEURL is no setting, and has no effect; is it MCP_BASE_URL?" in caplog.text


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("MOMENT_PORTT", "MOMENT_PORT"),
        ("MUSIC_TOOLS_PORTT", "MUSIC_TOOLS_PORT"),
        ("MOMENT_HOSTT", "MOMENT_HOST"),
        ("MUSIC_TOOLS_HOSTT", "MUSIC_TOOLS_HOST"),
    ],
)
def test_of_names_that_differ_in_their_prefix_the_one_with_the_same_is_suggested(name: str, nearest: str) -> None:
    assert [found.nearest for found in parse({name: "1"}).unknown] == [nearest]


def test_a_file_with_a_byte_order_mark_is_read_and_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfMOMENT_PORT=9000\n")
    assert load({}, tmp_path).port == 9000
    (tmp_path / ".env").write_bytes(b"MOMENT_PORT=9000 # \xe9\n")
    with pytest.raises(InvalidSettings, match=r"\.env cannot be read"):
        load({}, tmp_path)
