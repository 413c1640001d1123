"""Settings are read once, checked, and keep their secrets."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from entrypoints import logs
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


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MOMENT_PORT=1111\nMOMENT_HOST=0.0.0.0\n")
    settings = load({"MOMENT_PORT": "2222"}, tmp_path)
    assert (settings.port, settings.host) == (2222, ANYWHERE)


@pytest.mark.parametrize(
    "url", ["http://tools:8080", "http://tools:8080/", "http://tools:8080/mcp", "http://tools:8080/mcp/"]
)
def test_the_tools_url_comes_with_or_without_its_path(url: str) -> None:
    assert parse({"MCP_BASE_URL": url}).mcp_url == "http://tools:8080/mcp"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"MOMENT_PORT": "http"}, "MOMENT_PORT must be a number, not 'http'"),
        ({"MOMENT_PORT": "70000"}, "MOMENT_PORT must be between 1 and 65535, not 70000"),
        ({"MOMENT_LEASE_SECONDS": "nan"}, "MOMENT_LEASE_SECONDS must be between 3 and 3600, not nan"),
        ({"MOMENT_LOG_FORMAT": "xml"}, "MOMENT_LOG_FORMAT must be one of text, json, not 'xml'"),
        ({"MCP_BASE_URL": "tools:8080"}, "MCP_BASE_URL must start with http:// or https://"),
        ({**SPACES, "DO_SPACES_BUCKET": "my bucket"}, "DO_SPACES_BUCKET must be the name of a bucket, not 'my bucket'"),
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
