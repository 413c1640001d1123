"""Results that a tool server leaves in a folder: taken where the folder is shared, not paid for where it is not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.filesystem import shared_folder
from adapters.filesystem.shared_folder import SharedFolder
from adapters.mcp.negotiation import read_tools
from application.ports.tools import ToolFailed
from domain.blueprints.blueprint import OutputKind
from domain.jobs.transitions import JobStatus
from tests.support.doctor_run import DoctorRun, assert_failed
from tests.support.foreign_site import MAX_BYTES, foreign_site
from tests.support.old_mcp_server import AUDIO, old_mcp_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared" / "today").mkdir(parents=True)
    (tmp_path / "elsewhere.mp3").write_bytes(AUDIO)
    return tmp_path / "shared"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_folder, "WAIT_SECONDS", 0.0)


async def taken(shared: Path, path: str) -> tuple[bytes, str]:
    async with SharedFolder(shared, MAX_BYTES).open(path) as file:
        return b"".join([chunk async for chunk in file.chunks]), file.mime_type


def link(at: Path, to: Path) -> Path:
    at.symlink_to(to)
    return at


async def test_a_result_is_read_by_its_absolute_or_relative_path_and_typed_by_its_content(shared: Path) -> None:
    (shared / "today" / "a.bin").write_bytes(AUDIO)
    link(shared / "latest.mp3", shared / "today" / "a.bin")
    for path in (f"{shared}/today/a.bin", "today/a.bin", "today/../latest.mp3"):
        assert await taken(shared, path) == (AUDIO, "audio/mpeg")


async def test_the_folder_itself_may_be_a_link(shared: Path, tmp_path: Path) -> None:
    (shared / "a.mp3").write_bytes(AUDIO)
    alias = link(tmp_path / "alias", shared)
    assert (await taken(alias, f"{alias}/a.mp3"))[0] == AUDIO
    assert (await taken(alias, f"{shared}/a.mp3"))[0] == AUDIO


def pipe(at: Path) -> str:
    os.mkfifo(at)
    return at.name


OUTSIDE: dict[str, Callable[[Path], str]] = {
    "absolute": lambda shared: str(shared.parent / "elsewhere.mp3"),
    "dots": lambda _: "../elsewhere.mp3",
    "dots within": lambda shared: f"{shared}/today/../../elsewhere.mp3",
    "a neighbour with the same beginning": lambda shared: f"{shared}-not/a.mp3",
    "a link": lambda shared: str(link(shared / "l.mp3", shared.parent / "elsewhere.mp3")),
    "a folder that is a link": lambda shared: str(link(shared / "up", shared.parent) / "elsewhere.mp3"),
    "links in a circle": lambda shared: str(link(shared / "o", shared / "o")),
    "the folder": str,
    "a folder": lambda shared: f"{shared}/today",
    "a pipe": lambda shared: pipe(shared / "pipe.mp3"),
    "a device": lambda _: "/dev/zero",
    "nothing": lambda _: "today/none.mp3",
    "a nul": lambda _: "to\0day",
}


@pytest.mark.parametrize("case", OUTSIDE)
async def test_what_is_no_file_in_the_folder_is_out_of_reach(shared: Path, case: str) -> None:
    (shared.parent / "shared-not").mkdir()
    (shared.parent / "shared-not" / "a.mp3").write_bytes(AUDIO)
    with pytest.raises(ToolFailed) as raised:
        await taken(shared, OUTSIDE[case](shared))
    assert raised.value.code == "result_unreachable"
    assert str(shared.parent) not in raised.value.message


@pytest.mark.parametrize(
    "content", [b"", b"root:x:0:0:root:/root:/bin/sh\n", b"%PDF-1.7", b"\x7fELF" + bytes(99), AUDIO * 99]
)
async def test_what_is_no_audio_or_too_large_is_not_taken(shared: Path, content: bytes) -> None:
    (shared / "a.mp3").write_bytes(content)
    with pytest.raises(ToolFailed) as raised:
        await taken(shared, "a.mp3")
    assert (raised.value.code, raised.value.permanent) == ("result_invalid", False)


async def test_a_file_that_grows_while_it_is_read_stays_within_the_bound(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_folder, "PIECE_BYTES", 1000)
    (shared / "a.mp3").write_bytes(AUDIO * 2)
    async with SharedFolder(shared, len(AUDIO) * 2).open("a.mp3") as file:
        await anext(file.chunks)
        with (shared / "a.mp3").open("ab") as more:
            more.write(bytes(1000))
        with pytest.raises(ToolFailed, match="larger than"):
            [chunk async for chunk in file.chunks]


async def test_a_file_may_take_a_moment_to_appear(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def write_it(_: float) -> None:
        (shared / "a.mp3").write_bytes(AUDIO)

    monkeypatch.setattr(shared_folder, "WAIT_SECONDS", 5.0)
    monkeypatch.setattr("adapters.filesystem.shared_folder.anyio.sleep", write_it)
    assert (await taken(shared, "a.mp3"))[0] == AUDIO


@pytest.mark.parametrize("kind", OutputKind)
async def test_a_moment_is_made_through_the_folder(tmp_path: Path, kind: OutputKind) -> None:
    async with foreign_site(tmp_path, shared=tmp_path, links=False) as site:
        job = await site.pipeline.ended(await site.pipeline.add(output_kind=str(kind)))
        assert job.status is JobStatus.COMPLETED
        assert job.final is not None
        assert job.final.mime_type == "audio/mpeg"
        assert site.pipeline.store.objects[job.final.key][0] == AUDIO
        assert len(site.old.paid()) == 1


@pytest.mark.parametrize("missing", [False, True], ids=["no folder is set", "the folder is not there"])
async def test_without_the_folder_nothing_is_called_and_jobs_wait(tmp_path: Path, missing: bool) -> None:
    shared = tmp_path / "none" if missing else None
    async with foreign_site(tmp_path, shared=shared, links=False) as site:
        ids = [await site.pipeline.add(output_kind=str(kind)) for kind in OutputKind]
        for job_id in ids:
            job = (await site.waits(job_id, "result_unreachable")).job
            assert not job.status.terminal
            assert not any(attempt.counted for attempt in job.attempts)
        assert site.old.paid() == []
        assert {name for name, _ in site.old.arguments} <= {"validate_blueprint"}  # of a sample: that is the probe
        if shared:
            shared.symlink_to(tmp_path)
            for job_id in ids:
                assert (await site.pipeline.ended(job_id)).status is JobStatus.COMPLETED


@pytest.mark.parametrize("links", [True, False])
async def test_a_server_that_does_not_say_what_it_returns_is_called_once_to_find_out(
    tmp_path: Path, *, links: bool
) -> None:
    async with foreign_site(tmp_path, links=links) as site:
        site.old.tells_output = False
        job_id = await site.pipeline.add()
        if links:
            assert (await site.pipeline.ended(job_id)).status is JobStatus.COMPLETED
        else:
            await site.waits(job_id, "result_unreachable")
        assert len(site.old.paid()) == 1


async def test_a_result_that_is_no_audio_is_paid_once_and_the_recording_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.old_mcp_server.AUDIO", b"<html>quota exceeded</html>")
    async with foreign_site(tmp_path, shared=tmp_path, links=False) as site:
        job = await site.pipeline.ended(await site.pipeline.add())
        assert job.error is not None
        assert (job.error.code, job.error.permanent) == ("result_invalid", False)
        assert job.request.original.key in site.pipeline.store.objects
        assert len(site.old.paid()) == 1


async def test_the_doctor_says_that_results_are_out_of_reach(tmp_path: Path) -> None:
    patient = DoctorRun(tmp_path)
    async with old_mcp_server(tmp_path) as old:
        patient.configure(MCP_BASE_URL=f"{old.base_url}/mcp")
        assert (await patient.run())["tool results"].seen == "uploaded, or fetched by URL"
        old.links = False
        assert_failed((await patient.run())["tool results"], "create_song", "MCP_OUTPUT_DIR")
        patient.configure(MCP_OUTPUT_DIR=str(tmp_path / "none"))
        assert_failed((await patient.run())["tool results"], "cannot be read", "MCP_OUTPUT_DIR")
        patient.configure(MCP_OUTPUT_DIR=str(tmp_path))
        assert (await patient.run())["tool results"].verdict == "ok"


@pytest.mark.parametrize(
    ("schema", "returned"),
    [
        (None, set()),
        ({"type": "object", "additionalProperties": True}, set()),
        ({"type": "object", "properties": {"output_url": {}}}, {"output_url"}),
        ({"properties": {"result": {"type": "object", "properties": {"output_url": {}}}}}, {"output_url"}),
        (
            {"properties": {"result": {"$ref": "#/$defs/Made"}}, "$defs": {"Made": {"properties": {"output_url": {}}}}},
            {"output_url"},
        ),
        ({"properties": {"result": {"type": "string"}}}, {"result"}),
        ({"properties": {"result": {"$ref": 7}}}, {"result"}),
        ({"properties": ["output_url"]}, set()),
    ],
)
def test_what_a_tool_returns_is_read_from_its_output_schema(schema: object, returned: set[str]) -> None:
    (tool,) = read_tools([{"name": "create_song", "outputSchema": schema}]).values()
    assert tool.returned == returned
