"""The contract of `MusicTools` and `FileEncoder`: over the fake, and over MCP against our own server."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.mcp.client import McpMusicTools
from application.ports.tools import ToolFailed, ToolName
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.metadata import to_json
from domain.jobs.artifacts import Picture, Stem
from tests.support.fake_tools import ANALYSIS, FakeMusicTools
from tests.support.jobs import a_blueprint
from tests.support.our_mcp_server import OurMcpServer, running

pytestmark = pytest.mark.anyio

HEARD = a_blueprint(metadata={"analysis": to_json(ANALYSIS)})


class Subject(NamedTuple):
    """Tools under test, the uploaded files by URL, and the URLs of a hum and of silence."""

    tools: FakeMusicTools | McpMusicTools
    files: dict[str, bytes]
    hum: str = "memory://hum"
    silence: str = "memory://silence"


@pytest.fixture
def fake() -> Subject:
    files: dict[str, bytes] = {}

    async def put(url: str, content: bytes, _: str) -> None:
        files[url] = content

    tools = FakeMusicTools(put)

    def is_silence(audio_url: str) -> bool:
        return audio_url == "memory://silence"

    tools.faults.fail(
        "analyze_hum", ToolFailed("the recording is silent", code="hum_silent", permanent=True), when=is_silence
    )
    return Subject(tools, files)


@pytest.fixture
async def over_mcp(tmp_path: Path) -> AsyncIterator[Subject]:
    ours = OurMcpServer(tmp_path)
    async with running(ours) as tools:
        yield Subject(tools, ours.transfers.files)


@pytest.fixture(params=["fake", "over_mcp"])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.getfixturevalue(request.param)
    return found


async def test_the_tools_are_offered(subject: Subject) -> None:
    await subject.tools.ping()
    assert all([await subject.tools.offers(tool) for tool in ToolName])


async def test_a_valid_blueprint_has_no_problems(subject: Subject) -> None:
    assert await subject.tools.validate_blueprint(a_blueprint()) == []


async def test_a_hum_is_analysed(subject: Subject) -> None:
    seen: list[float] = []
    heard = await subject.tools.analyze_hum(subject.hum, hints={}, progress=seen.append)
    analysis = heard.analysis
    assert len(analysis.notes) == 7
    assert seen == sorted(seen)
    assert all(0 <= done <= 1 for done in seen)


async def test_the_failure_of_a_tool_keeps_its_code(subject: Subject) -> None:
    with pytest.raises(ToolFailed) as silent:
        await subject.tools.analyze_hum(subject.silence, hints={}, progress=lambda _: None)
    assert (silent.value.code, silent.value.permanent) == ("hum_silent", True)
    assert (await subject.tools.analyze_hum(subject.hum, hints={}, progress=lambda _: None)).analysis.notes


@pytest.mark.parametrize("stem", Stem)
async def test_a_stem_is_uploaded_with_its_by_products(subject: Subject, stem: Stem) -> None:
    extra = "melody" if stem is Stem.INSTRUMENTAL else Picture.MELODY
    targets = {"audio": "memory://stem", extra: "memory://extra"}
    result = await subject.tools.render_stem(
        stem, HEARD, audio_url=subject.hum, targets=targets, progress=lambda _: None
    )
    content = subject.files["memory://stem"]
    assert result.uploaded
    assert (result.size, result.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert result.mime_type == "audio/flac"
    assert result.extras == {extra: len(subject.files["memory://extra"])}


async def test_a_file_is_encoded_and_uploaded(subject: Subject) -> None:
    subject.files["memory://stem"] = b"band"
    result = await subject.tools.encode("memory://stem", target="memory://small", output_format="opus_48000_128")
    content = subject.files["memory://small"]
    assert (result.uploaded, result.size, result.mime_type) == (True, len(content), "audio/ogg")


@pytest.mark.parametrize("kind", OutputKind)
async def test_stems_are_mixed_and_uploaded(subject: Subject, kind: OutputKind) -> None:
    subject.files.update({"memory://v": b"voice", "memory://i": b"band"})
    stems = {Stem.VOCALS: "memory://v", Stem.INSTRUMENTAL: "memory://i"}
    targets = {"audio": "memory://final", Picture.WAVEFORM: "memory://extra"}
    result = await subject.tools.mix(kind, a_blueprint(), stems=stems, targets=targets, progress=lambda _: None)
    assert result.extras == {Picture.WAVEFORM: len(subject.files["memory://extra"])}
    content = subject.files["memory://final"]
    assert (result.uploaded, result.mime_type) == (True, "audio/mpeg")
    assert (result.size, result.sha256) == (len(content), hashlib.sha256(content).hexdigest())
