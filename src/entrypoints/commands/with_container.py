"""Runs an action of a command over the service's own database and object store."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from typing import TYPE_CHECKING, TypeVar

from entrypoints.commands import options

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from entrypoints.container import Container

T = TypeVar("T")


def with_container(action: "Callable[[Container], Awaitable[T]]") -> T:
    """Return the result of an action; the database is that of DATABASE_URL, or the one that `moment up` runs here.

    Raises:
        InvalidSettings: A setting is invalid, or there is no database.
    """
    import anyio
    import msgspec

    from adapters.postgres.dsn import normalise
    from adapters.postgres.embedded.pid_file import find_running
    from entrypoints import logs
    from entrypoints.container import open_container

    settings = options.load_settings()
    logs.set_up(msgspec.structs.replace(settings, log_level="WARNING"), "jobs")  # the command prints what it did
    if settings.database is None and (url := find_running(settings.data_dir.resolve() / "postgres")):
        settings = msgspec.structs.replace(settings, database=normalise(url))

    async def run() -> T:
        async with open_container(settings) as container:
            return await action(container)

    return anyio.run(run)
