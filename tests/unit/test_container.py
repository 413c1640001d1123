"""The graph holds together: each provider gives what it is annotated with."""

import os
from pathlib import Path

import pytest
from dependency_injector.errors import Error
from dependency_injector.providers import Provider

from adapters.filesystem import FilesystemStore
from adapters.spaces import SpacesStore
from application.worker.run_job import RunJob
from application.worker.work_loop import WorkLoop
from entrypoints.container import Container, open_container
from entrypoints.data_dir import shared_secret
from entrypoints.settings import InvalidSettings, parse

pytestmark = pytest.mark.anyio

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
"""Nothing listens there: opening the container asks nothing of the database."""


async def test_every_provider_gives_something(tmp_path: Path) -> None:
    settings = parse({"DATABASE_URL": NOWHERE, "MCP_BASE_URL": "http://127.0.0.1:1", "MOMENT_DATA_DIR": str(tmp_path)})
    async with open_container(settings, working=True) as container:
        given = {name: provider() for name, provider in container.providers.items()}
        assert all(isinstance(provider, Provider) for provider in container.providers.values())
    assert set(given) == set(Container.providers)
    assert None not in given.values()
    assert isinstance(given["work_loop"], WorkLoop)
    assert isinstance(given["run_job"], RunJob)
    assert isinstance(given["store"], FilesystemStore)
    assert given["store"] is given["objects"]


async def test_the_api_opens_no_tools(tmp_path: Path) -> None:
    settings = parse({"DATABASE_URL": NOWHERE, "MOMENT_DATA_DIR": str(tmp_path)})
    async with open_container(settings) as container:
        for needed in ("submit_moment", "read_status", "cancel_job", "jobs", "store", "objects", "clock"):
            assert container.providers[needed]() is not None
        with pytest.raises(Error, match="tools"):
            container.tools()


async def test_spaces_take_the_place_of_the_folder(tmp_path: Path) -> None:
    settings = parse(
        {
            "DATABASE_URL": NOWHERE,
            "DO_SPACES_KEY": "k",
            "DO_SPACES_SECRET": "s",
            "DO_SPACES_BUCKET": "b",
            "DO_SPACES_ENDPOINT": "http://127.0.0.1:1",
            "MOMENT_DATA_DIR": str(tmp_path),
        }
    )
    async with open_container(settings) as container:
        assert isinstance(container.store(), SpacesStore)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's way counts as blocking in async tests


@pytest.mark.parametrize(
    ("values", "name"),
    [({}, "DATABASE_URL"), ({"DATABASE_URL": NOWHERE}, "MCP_BASE_URL")],
)
async def test_what_is_needed_and_missing_is_named(tmp_path: Path, values: dict[str, str], name: str) -> None:
    settings = parse({"MOMENT_DATA_DIR": str(tmp_path), **values})
    with pytest.raises(InvalidSettings, match=name):
        async with open_container(settings, working=True):
            pytest.fail("it opened")


def test_secrets_are_shared_and_private(tmp_path: Path) -> None:
    first, second = shared_secret(tmp_path, "objects"), shared_secret(tmp_path, "objects")
    assert first == second
    assert len(first) >= 32
    assert shared_secret(tmp_path, "mcp") != first
    assert (tmp_path / "objects.secret").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mcp.secret", "objects.secret"]
