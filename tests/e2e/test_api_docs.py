"""The snippets of docs/api.md that control a job do what the text says, against a running service."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from entrypoints.local.network import free_port
from tests.support.up import HUM, Up, up

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
JOB_IN_PAGE = "7133416a-eaad-4b03-99e3-5a8f170c1dc8"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with up(tmp_path_factory.mktemp("docs") / "data", free_port()) as running:
        running.await_ready()
        yield running


def snippet_after(heading: str) -> str:
    section = PAGE.partition(f"# {heading}\n")[2]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found
    return found[1]


def curl(service: Up, folder: Path, heading: str, job_id: str) -> tuple[int, str]:
    """Run the snippet of a section for a job; return the status and the body of the response."""
    command = snippet_after(heading).replace("http://localhost:8000", service.url).replace(JOB_IN_PAGE, job_id)
    command = command.replace("curl ", "curl -s -w '\\n%{http_code}' ", 1)
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def submit(service: Up, content: bytes) -> str:
    answer = httpx.post(f"{service.url}/v1/create-moment", files={"file": ("hum.wav", content)}, timeout=30)
    return str(answer.json()["job_id"])


def ended(service: Up, folder: Path, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status, body = curl(service, folder, "Wait for a change", job_id)
        assert status == 200
        job: dict[str, Any] = json.loads(body)
        if job["terminal"]:
            return job
    raise AssertionError(job)


def test_a_moment_is_awaited_linked_and_deleted(service: Up, tmp_path: Path) -> None:
    job_id = submit(service, HUM.read_bytes())
    status, events = curl(service, tmp_path, "Follow the events", job_id)
    assert status == 200
    assert re.findall(r"^id: (.*)\nevent: status\ndata: {\"status\":\"(\w+)", events, re.MULTILINE) == [
        ("0.0", "PENDING"),
        ("1.0", "ANALYZING"),
        ("2.0", "RENDERING"),
        ("3.0", "MIXING"),
        ("4.0", "COMPLETED"),
    ]
    assert events.index('"name":"vocals"') < events.index('"status":"MIXING"')
    job = ended(service, tmp_path, job_id)
    assert job["status"] == "COMPLETED"
    assert {detail["name"]: detail["seconds"] for detail in job["artifacts_detail"]}["vocals"] > 5
    assert curl(service, tmp_path, "Link to a file", job_id)[0] == 200
    (final,) = [detail for detail in job["artifacts_detail"] if detail["name"] == "final"]
    assert (tmp_path / "theme.mp3").stat().st_size == final["bytes"]
    assert curl(service, tmp_path, "Retry", job_id)[0] == 409
    assert curl(service, tmp_path, "Delete", job_id) == (204, "")
    for heading in ("Wait for a change", "Follow the events", "Cancel", "Retry", "Delete"):
        status, body = curl(service, tmp_path, heading, job_id)
        assert (status, json.loads(body)["code"]) == (404, "job_not_found")
    assert httpx.get(job["final_audio_url"]).status_code == 404


def test_a_refused_recording_is_retried_and_a_running_job_cancelled_and_deleted(service: Up, tmp_path: Path) -> None:
    silence = HUM.read_bytes()[:44] + bytes(200_000)
    job_id = submit(service, silence)
    job = ended(service, tmp_path, job_id)
    assert (job["status"], job["error"]["stage"], job["error"]["retryable"]) == ("FAILED", "ANALYZING", False)
    status, body = curl(service, tmp_path, "Retry", job_id)
    assert (status, json.loads(body)) == (202, {"job_id": job_id, "status": "PENDING"})
    assert ended(service, tmp_path, job_id)["status"] == "FAILED"
    running = submit(service, HUM.read_bytes())
    assert curl(service, tmp_path, "Cancel", running)[0] == 200
    assert ended(service, tmp_path, running)["status"] == "CANCELLED"
    deleted = submit(service, HUM.read_bytes())
    httpx.get(f"{service.url}/v1/jobs/{deleted}", headers={"Prefer": "wait=5"}, timeout=30)
    assert curl(service, tmp_path, "Delete", deleted) == (204, "")
    assert httpx.get(f"{service.url}/v1/jobs/{deleted}").status_code == 404
