"""Another version of the service: a copy of this one in which a file of the pages is another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Final

import httpx

from adapters.postgres.embedded.pid_file import find_running
from entrypoints.local.network import free_port
from tests.support.processes import Process
from tests.support.up import Up, await_that, unconfigured

SOURCE: Final = Path(__file__).parents[2] / "src"
CHANGED: Final = "entrypoints/web/client/base/dom.js"
"""A module that all pages load."""


@contextmanager
def api_of_another_version(service: Up, folder: Path) -> Iterator[tuple[Process, str]]:
    """Run another api over the database and the objects of a service, with other pages; yield it and its URL."""
    source = copytree(SOURCE, folder / "src", ignore=ignore_patterns("__pycache__"))
    with (source / CHANGED).open("a") as module:
        module.write("\n// of another version\n")
    port, database = free_port(), find_running(service.data_dir / "postgres")
    assert database
    environment = unconfigured() | {
        "DATABASE_URL": database,
        "MOMENT_DATA_DIR": str(service.data_dir),
        "MOMENT_LAME_DUCK_SECONDS": "0",
        "MOMENT_PORT": str(port),
        "PUBLIC_URL": service.url,
        "PYTHONPATH": str(source),
    }
    api, url = Process(["entrypoints.cli", "api"], environment, folder / "api.log"), f"http://127.0.0.1:{port}"
    try:
        await_that(lambda: not api.alive or _is_ready(url))
        assert api.alive, api.log
        yield api, url
    finally:
        api.kill()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False
