"""Starts the services of a compose file without compose: a bare Debian has an engine and nothing more.

It knows what `deploy/compose.yaml` uses and refuses the rest, so that no line of the file goes unheeded.
"""

import re
import time
from collections.abc import Mapping
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import yaml  # type: ignore[import-untyped] # the library's
from docker import DockerClient
from docker.models.containers import Container

from tests.support.containers import LABELS

STARTED_SECONDS = 60
PASSED_ON = {"command", "entrypoint", "init", "cap_add", "cap_drop", "security_opt", "read_only"}
LIMITS = {"mem_limit", "pids_limit"}
READ = {"image", "build", "environment", "ports", "depends_on", "restart", "volumes", "networks", "healthcheck"}
KNOWN = PASSED_ON | LIMITS | READ | {"tmpfs", "cpus", "deploy", "stop_grace_period"}
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


class Composed:
    """The services of a compose file, running between `with` and its end.

    Attributes:
        containers: Of each service that was started.
    """

    def __init__(self, engine: DockerClient, file: Path, settings: Mapping[str, str]) -> None:
        self.containers: dict[str, list[Container]] = {}
        self._engine = engine
        self._folder = file.parent
        self._services = read(file, settings)
        self._project = f"moment-test-{uuid4().hex[:8]}"
        self._volumes: dict[str, Any] = {}

    def build(self) -> None:
        """Build the images that the file builds. Raises docker's `BuildError`, which has the log."""
        for service in self._services.values():
            if build := service.get("build"):
                self._engine.images.build(
                    path=str(self._folder / build["context"]),
                    dockerfile=build["dockerfile"],
                    buildargs=build["args"],
                    network_mode=build["network"],
                    tag=service["image"],
                    labels=LABELS,
                    rm=True,
                    forcerm=True,
                )

    def __enter__(self) -> Self:
        self._network = self._engine.networks.create(self._project, labels=LABELS)
        try:
            after = {name: service.get("depends_on", ()) for name, service in self._services.items()}
            for name in TopologicalSorter(after).static_order():
                self._start(name, self._services[name])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for container in chain.from_iterable(self.containers.values()):
            container.remove(force=True, v=True)
        for part in (*self._volumes.values(), self._network):
            part.remove()

    def stop(self, name: str) -> list[int]:
        """Stop a service as `compose stop` does; return the exit codes of its containers."""
        for container in self.containers[name]:
            container.stop(timeout=seconds(self._services[name]["stop_grace_period"]))
        return [container.wait()["StatusCode"] for container in self.containers[name]]

    def _start(self, name: str, service: dict[str, Any]) -> None:
        for needed, how in service.get("depends_on", {}).items():
            for container in self.containers[needed]:
                CONDITIONS[how["condition"]](container)
        for number in range(service.get("deploy", {}).get("replicas", 1)):
            container = self._create(name, service, number + 1)
            self.containers.setdefault(name, []).append(container)
            container.start()

    def _create(self, name: str, service: dict[str, Any], number: int) -> Container:
        aliases = [name, *service.get("networks", {}).get("default", {}).get("aliases", ())]
        ports = [port.split(":") for port in service.get("ports", ())]
        return self._engine.containers.create(
            service["image"],
            name=f"{self._project}-{name}-{number}",
            labels=LABELS,
            environment={variable: str(value) for variable, value in service["environment"].items()},
            ports={f"{inner}/tcp": (address, int(outer)) for address, outer, inner in ports},
            restart_policy={"Name": service["restart"]},
            healthcheck=_in_nanoseconds(service.get("healthcheck")),
            volumes=[self._volume(volume) for volume in service.get("volumes", ())],
            tmpfs=dict(mount.split(":") for mount in service.get("tmpfs", ())),
            nano_cpus=int(float(service["cpus"]) * 1e9) if "cpus" in service else None,
            network=self._project,
            networking_config={self._project: self._engine.api.create_endpoint_config(aliases=aliases)},
            **{option: service[option] for option in (PASSED_ON | LIMITS) & set(service)},
        )

    def _volume(self, text: str) -> str:
        name, _, path = text.partition(":")
        if name not in self._volumes:
            self._volumes[name] = self._engine.volumes.create(f"{self._project}-{name}", labels=LABELS)
        return f"{self._project}-{name}:{path}"


def read(file: Path, settings: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the services of a file, with the settings or their defaults in place of variables."""
    text = VARIABLE.sub(lambda found: settings.get(found[1]) or found[2], file.read_text()).replace("$$", "$")
    services: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    for name, service in services.items():
        assert set(service) <= KNOWN, f"{name}: this reader does not know {set(service) - KNOWN}"
    return services


def seconds(text: str) -> int:
    """Return a duration, which our file always writes in seconds."""
    return int(text.removesuffix("s"))


def await_health(container: Container) -> None:
    """Return when the container's own check passes."""
    deadline = time.monotonic() + STARTED_SECONDS
    while (health := _state(container)["Health"])["Status"] != "healthy":
        assert time.monotonic() < deadline, f"{container.name}: {health}\n{container.logs().decode()}"
        time.sleep(0.2)


def await_success(container: Container) -> None:
    """Return when the container has ended, and well."""
    code = container.wait(timeout=STARTED_SECONDS)["StatusCode"]
    assert code == 0, f"{container.name} ended with {code}\n{container.logs().decode()}"


CONDITIONS = {"service_healthy": await_health, "service_completed_successfully": await_success}


def _state(container: Container) -> dict[str, Any]:
    container.reload()
    state: dict[str, Any] = container.attrs["State"]
    return state


def _in_nanoseconds(check: dict[str, Any] | None) -> dict[str, Any] | None:
    return check and check | {name: seconds(check[name]) * 1_000_000_000 for name in ("interval", "timeout")}
