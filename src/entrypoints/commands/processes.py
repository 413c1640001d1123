"""The commands that run one process each, and the one that runs them all."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from entrypoints.commands import options

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from entrypoints.settings import Settings


@click.command(epilog="Example: moment up --port 8080 --verbose")
@options.host
@options.port
@options.data_dir
@click.option("--verbose", is_flag=True, help="Show the logs of all parts.")
def up(host: str | None, port: int | None, data_dir: Path | None, *, verbose: bool) -> None:
    """Run everything on this machine.

    Postgres, object storage and music tools are embedded, each unless DATABASE_URL, DO_SPACES_* or MCP_BASE_URL is
    set.
    """
    from entrypoints.local.up import up as run

    directory = (data_dir or Path(options.load_settings().data_dir)).resolve()
    settings = options.load_settings(MOMENT_HOST=host, MOMENT_PORT=port, MOMENT_DATA_DIR=directory)
    run(settings, verbose=verbose, echo=click.echo)


@click.command()
@options.host
@options.port
def api(host: str | None, port: int | None) -> None:
    """Run the HTTP API."""
    _exit_on_sigterm()
    settings = options.load_settings(MOMENT_HOST=host, MOMENT_PORT=port)
    from entrypoints.api.server import serve

    _run("api", serve, settings)


@click.command()
@click.option("--slots", type=click.IntRange(1, 1000), help="Jobs in parallel. [default: 8]")
def worker(slots: int | None) -> None:
    """Run a worker."""
    _exit_on_sigterm()
    settings = options.load_settings(MOMENT_WORKER_SLOTS=slots)
    from entrypoints.worker import work

    _run("worker", work, settings)


@click.command("music-tools")
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. [default: 8080]")
@click.option("--workers", type=click.IntRange(0, 256), help="Calls in parallel; 0: one per core. [default: 0]")
def music_tools(host: str | None, port: int | None, workers: int | None) -> None:
    """Run the music tools: an MCP server that analyses, renders and mixes."""
    _exit_on_sigterm()
    from entrypoints import logs
    from entrypoints.lifecycle import follow_parent
    from entrypoints.music_tools import process
    from entrypoints.music_tools.exposure import shared_folder
    from entrypoints.music_tools.named_soundfont import named_soundfont
    from entrypoints.music_tools.reachable import reachable

    settings = options.load_settings(MUSIC_TOOLS_HOST=host, MUSIC_TOOLS_PORT=port, MUSIC_TOOLS_WORKERS=workers)
    logs.set_up(settings, "music-tools")
    follow_parent()
    chosen = process.Options(
        host=settings.tools_host,
        port=settings.tools_port,
        token=settings.mcp_token,
        output_dir=settings.data_dir / "output",
        output_seconds=3600 * settings.tools_output_hours,
        audio_dir=settings.tools_audio_dir or shared_folder(settings.tools_host),
        reachable=reachable(settings),
        api_base_url=settings.public_url,
        api_key=settings.api_key,
        default_voice=settings.voice_id,
        workers=settings.tools_workers,
        speech=settings.speech,
        soundfont=named_soundfont(settings.soundfont),
        grace=settings.grace,
    )
    process.main(chosen, ready=lambda url: logging.getLogger("moment.tools").info("listening at %s", url))


@click.command()
def migrate() -> None:
    """Migrate the database's schema to this version."""
    import anyio

    from adapters.postgres.migrate import migrate as apply

    settings = options.load_settings()
    database = settings.database_direct or settings.database
    if database is None:
        raise click.UsageError("DATABASE_URL is not set: set it, or run `moment up`, which migrates its own Postgres")
    applied = anyio.run(apply, database)
    click.echo(f"applied {', '.join(applied)}" if applied else "nothing to do: the schema is up to date")


def _exit_on_sigterm() -> None:
    """Exit with 0 on SIGTERM while the process starts, as it does later: it holds nothing yet that must be released."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


def _tune_garbage_collector() -> None:
    """Exclude imported objects from garbage collection, and collect less often than every 700 allocations.

    Requests and jobs create hardly any cycles; collection took a tenth of a worker's time under load.
    """
    import gc

    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _run(process: str, main: "Callable[[Settings], Awaitable[Any]]", settings: "Settings") -> None:
    import anyio

    from entrypoints import logs
    from entrypoints.lifecycle import follow_parent

    logs.set_up(settings, process)
    follow_parent()
    _tune_garbage_collector()
    anyio.run(main, settings, backend_options={"use_uvloop": True})
