"""`deploy/`: the image, and the whole service as `deploy/compose.yaml` composes it, seen from outside of it."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import httpx
import pytest
from docker.errors import BuildError
from docker.models.containers import Container

from adapters.audio.codecs import encoding
from adapters.audio.mix import loudness
from tests.support.compose import Composed, await_health
from tests.support.containers import require_image
from tests.support.postgres_container import IMAGE as POSTGRES_IMAGE
from tests.support.s3 import GATEWAY_IMAGE
from tests.support.up import HUM, await_that

FILE = Path(__file__).parents[2] / "deploy" / "compose.yaml"
BASE = os.environ.get("TEST_PYTHON_IMAGE", "python:3.11-slim")
PATIENCE = 60.0

pytestmark = [pytest.mark.container, pytest.mark.timeout(600)]  # the first build loads a hundred libraries


def an_address() -> str:
    """Return an address of this machine that nobody else publishes on; where there is but one, that one."""
    first, second, third = (byte % 250 + 1 for byte in uuid4().bytes[:3])
    return f"127.{first}.{second}.{third}" if sys.platform == "linux" else "127.0.0.1"


ADDRESS = an_address()
SETTINGS = {
    "PYTHON_IMAGE": BASE,
    "BUILD_NETWORK": "host",
    "MOMENT_IMAGE": "main-character-moment:test",
    "POSTGRES_IMAGE": POSTGRES_IMAGE,
    "S3_IMAGE": GATEWAY_IMAGE,
    "PUBLISH_ADDRESS": ADDRESS,
    "MOMENT_LEASE_SECONDS": "5",
}


@pytest.fixture(scope="module")
def system() -> Iterator[Composed]:
    """Build the image, start every service; one system for all tests of this module."""
    for image in (BASE, POSTGRES_IMAGE, GATEWAY_IMAGE):
        require_image(image)
    with closing(docker.from_env(timeout=600)) as engine:
        composed = Composed(engine, FILE, SETTINGS)
        try:
            composed.build()
        except BuildError as error:
            log = "".join(line.get("stream", "") for line in error.build_log).splitlines()[-12:]
            pytest.fail("\n".join([f"no image, if only for want of a network: {error}", *log]), pytrace=False)
        with composed:
            await_that(answers, PATIENCE)
            yield composed


def answers() -> bool:
    try:
        return bool(httpx.get(f"http://{ADDRESS}:8000/readyz").json()["status"] == "ok")
    except httpx.TransportError:
        return False


def submit(**fields: str) -> str:
    with HUM.open("rb") as hum:
        answer = httpx.post(f"http://{ADDRESS}:8000/v1/create-moment", files={"file": hum}, data=fields)
    job_id: str = answer.raise_for_status().json()["job_id"]
    return job_id


def status_of(job_id: str) -> dict[str, Any]:
    status: dict[str, Any] = httpx.get(f"http://{ADDRESS}:8000/v1/status/{job_id}").raise_for_status().json()
    return status


def completed(job_id: str) -> dict[str, Any]:
    await_that(lambda: bool(status_of(job_id)["terminal"]), PATIENCE)
    last = status_of(job_id)
    assert last["status"] == "COMPLETED", last
    return last


def downloaded(url: str) -> bytes:
    """Read a signed URL as a browser does, which takes names under .localhost for this machine (RFC 6761)."""
    there = httpx.URL(url)
    assert there.host.endswith(".localhost")
    answer = httpx.get(there.copy_with(host=ADDRESS), headers={"Host": there.netloc.decode()})
    assert answer.headers["content-type"] == "audio/mpeg"
    return answer.raise_for_status().content


def assert_is_music(mp3: bytes, folder: Path) -> None:
    (folder / "final.mp3").write_bytes(mp3)
    samples, rate = encoding.decode(folder / "final.mp3")
    assert 15 <= samples.shape[1] / rate <= 30
    assert abs(loudness.integrated(samples, rate) - -14) <= 0.5


def holder(system: Composed) -> Container:
    """Return the worker that holds the one job that is not finished."""
    (postgres,) = system.containers["postgres"]
    held = "SELECT worker FROM moment.jobs WHERE finished_at IS NULL AND lease_expires_at IS NOT NULL"
    name = run(postgres, "psql", "--username=moment", "--tuples-only", "--no-align", "--command", held)
    return next(worker for worker in system.containers["worker"] if name.startswith(worker.short_id))


def run(container: Container, *command: str) -> str:
    code, output = container.exec_run(list(command))
    assert code == 0, output
    text: str = output.decode()
    return text


def test_a_hum_becomes_music_that_is_heard_from_outside(system: Composed, tmp_path: Path) -> None:
    last = completed(submit(blueprint_json='{"style": "lofi"}'))
    assert_is_music(downloaded(last["final_audio_url"]), tmp_path)


SERVED = ("api", "worker", "music-tools")


@pytest.mark.parametrize("name", SERVED)
def test_a_process_is_healthy_and_not_root(system: Composed, name: str) -> None:
    for container in system.containers[name]:
        await_health(container)
        processes = container.top(ps_args="-eo uid,pid,args")["Processes"]
        assert {uid for uid, *_ in processes} == {"10001"}, processes
        rights = run(container, "grep", "-E", "^(CapBnd|NoNewPrivs)", "/proc/1/status").split()
        assert rights == ["CapBnd:", "0" * 16, "NoNewPrivs:", "1"]


def test_containers_are_read_only_and_bounded(system: Composed) -> None:
    for name, containers in system.containers.items():
        for container in containers:
            container.reload()
            host = container.attrs["HostConfig"]
            assert host["ReadonlyRootfs"] is (name != "s3"), name  # which keeps its state in its layer
            assert host["Memory"] > 0, name
            assert host["NanoCpus"] > 0, name
            assert host["PidsLimit"] > 0, name
            assert host["CapDrop"] == ["ALL"], name
            assert host["SecurityOpt"] == ["no-new-privileges:true"], name
    (api,) = system.containers["api"]
    run(api, "sh", "-c", "! touch /opt/moment/x /var/lib/moment/x 2>/dev/null && touch /tmp/x")


def test_secrets_are_generated_into_volumes_and_are_in_no_environment(system: Composed) -> None:
    (api,), (postgres,) = system.containers["api"], system.containers["postgres"]
    folder = "/run/moment/secrets"
    files = run(api, "sh", "-c", f"cd {folder} && stat -c '%n %a %u' *").splitlines()
    assert files == [f"{name} 400 10001" for name in ("database_url", "mcp_token", "store_key", "store_secret")]
    assert run(api, "stat", "-c", "%a", folder).strip() == "700"
    texts = run(api, "sh", "-c", f"cd {folder} && for file in *; do cat $file; echo; done").splitlines()
    assert [len(text) for text in texts[1:]] == [64] * 3
    assert len({*texts}) == 4
    assert f":{run(postgres, 'cat', '/run/moment/postgres/password').strip()}@" in texts[0]
    for containers in system.containers.values():
        for container in containers:
            variables = " ".join(container.attrs["Config"]["Env"])
            assert "unsafe" not in variables
            assert not any(text in variables for text in texts)
    (secrets,) = system.containers["secrets"]
    secrets.start()  # as at the next `up`
    assert secrets.wait()["StatusCode"] == 0
    again = run(api, "sh", "-c", f"cd {folder} && for file in *; do cat $file; echo; done").splitlines()
    assert again == texts


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(system: Composed, tmp_path: Path) -> None:
    job_id = submit()
    await_that(lambda: status_of(job_id)["status"] == "RENDERING", PATIENCE)
    victim = holder(system)
    victim.kill()
    try:
        assert not status_of(job_id)["terminal"]
        last = completed(job_id)
    finally:
        victim.start()
    assert f"/{job_id}/2/" in last["final_audio_url"]  # the second claim's folder
    assert_is_music(downloaded(last["final_audio_url"]), tmp_path)


def test_a_worker_whose_loop_stands_still_is_not_healthy(system: Composed) -> None:
    worker = system.containers["worker"][-1]
    check = worker.image.attrs["Config"]["Healthcheck"]["Test"][1:]
    assert worker.exec_run(check).exit_code == 0
    run(worker, "sh", "-c", "kill -STOP $(cat /proc/1/task/1/children)")
    try:
        assert worker.exec_run(check).exit_code == 1
    finally:
        run(worker, "sh", "-c", "kill -CONT $(cat /proc/1/task/1/children)")
    assert worker.exec_run(check).exit_code == 0


def test_the_image_holds_what_it_runs_and_no_more(system: Composed) -> None:
    (api,) = system.containers["api"]
    run(api, "sh", "-c", "! command -v gcc cc make pip-compile")
    unwanted = "( -name tests -o -name .cache -o -name pip ) -type d"
    assert run(api, "find", "/opt/moment", "/var/lib/moment", *unwanted.split()) == ""
    base = api.client.images.get(BASE)
    assert api.image.attrs["Size"] - base.attrs["Size"] < 700_000_000


@pytest.mark.parametrize("name", SERVED)
def test_what_is_told_to_stop_ends_well(system: Composed, name: str) -> None:
    try:
        assert set(system.stop(name)) == {0}
    finally:
        for container in system.containers[name]:
            container.start()
