"""Containers in tests: where they cannot run, what needs them is skipped with the reason, or fails if it was demanded.

`REQUIRE_CONTAINERS=1` demands them: CI sets it, so that no suite is left out unnoticed.
"""

import os
import socket
from contextlib import closing
from typing import NoReturn

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

LABELS = {"org.testcontainers": "true"}
"""What testcontainers marks its own by: one way to find what a killed run left."""


def require_image(image: str) -> None:
    """Return where containers of the image can be run; pull it if it is not there."""
    try:
        _find_engine()
        _find_image(image)
    except DockerException as error:
        give_up(f"no container of {image}: {error}")


def give_up(reason: str) -> NoReturn:
    """Skip the test that asks for containers; fail it where they are demanded."""
    if os.environ.get("REQUIRE_CONTAINERS") == "1":
        pytest.fail(f"{reason} (REQUIRE_CONTAINERS=1 demands it)", pytrace=False)
    pytest.skip(reason)


def _find_engine() -> None:
    """Probe with a socket of our own: docker-py leaks its socket on failure, and warnings are errors here."""
    where = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not where.startswith("unix://"):
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(where.removeprefix("unix://"))
        except OSError as error:
            raise DockerException(f"no container engine answers at {where} ({error})") from error


def _find_image(image: str) -> None:
    with closing(docker.from_env()) as engine:
        try:
            engine.images.get(image)
        except ImageNotFound:
            engine.images.pull(image)
