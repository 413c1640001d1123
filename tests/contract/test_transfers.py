"""The contract of `Transfers`: over the fake and over HTTP."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.http.transfers import HttpTransfers
from adapters.toolkit.kept_files import KeptFiles
from adapters.toolkit.workspaces import open_workspaces
from application.ports.transfers import TransferFailed, Transfers
from domain.errors import BadAudio
from tests.support.fake_studio import FakeTransfers
from tests.support.serving import serving

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 40


class Subject(NamedTuple):
    """Transfers under test, the start of their URLs, and the files behind these, by URL."""

    transfers: Transfers
    base: str
    files: dict[str, bytes]


@pytest.fixture
def fake(tmp_path: Path) -> Subject:
    files: dict[str, bytes] = {}
    return Subject(FakeTransfers(tmp_path, files), "memory://files", files)


@pytest.fixture
async def over_http(tmp_path: Path) -> AsyncIterator[Subject]:
    files: dict[str, bytes] = {}

    async def get_or_put(request: Request) -> Response:
        url = str(request.url)
        if request.method == "PUT":
            files[url] = await request.body()
        return Response(files.get(url, b""), 200 if url in files else 404)

    app = Starlette(routes=[Route("/{name}", get_or_put, methods=["GET", "PUT"])])
    async with (
        serving(app) as base,
        httpx.AsyncClient(trust_env=False) as client,
        open_workspaces(tmp_path) as workspaces,
    ):
        yield Subject(HttpTransfers(client, KeptFiles(tmp_path / "output", 60.0), workspaces), base, files)


@pytest.fixture(params=["fake", "over_http"])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.getfixturevalue(request.param)
    return found


async def test_content_is_downloaded_to_a_file(subject: Subject, tmp_path: Path) -> None:
    subject.files[f"{subject.base}/hum"] = CONTENT
    await subject.transfers.download(f"{subject.base}/hum", tmp_path / "hum", len(CONTENT))
    assert (tmp_path / "hum").read_bytes() == CONTENT


async def test_content_past_the_limit_is_rejected(subject: Subject, tmp_path: Path) -> None:
    subject.files[f"{subject.base}/hum"] = CONTENT
    with pytest.raises(BadAudio) as large:
        await subject.transfers.download(f"{subject.base}/hum", tmp_path / "hum", len(CONTENT) - 1)
    assert large.value.code == "file_too_large"


async def test_a_missing_url_fails(subject: Subject, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed, match="404") as missing:
        await subject.transfers.download(f"{subject.base}/nothing", tmp_path / "hum", 10)
    assert (missing.value.code, missing.value.permanent) == ("transfer_failed", False)


@pytest.mark.parametrize("content", [CONTENT, b""])
async def test_a_file_is_uploaded_and_its_digest_returned(subject: Subject, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "stem").write_bytes(content)
    digest = await subject.transfers.upload(tmp_path / "stem", f"{subject.base}/stem", "audio/flac")
    assert digest == hashlib.sha256(content).hexdigest()
    assert subject.files == {f"{subject.base}/stem": content}


async def test_a_workspace_is_empty_and_vanishes_whatever_happens_in_it(subject: Subject) -> None:
    folders: list[Path] = []

    async def fail_inside() -> None:
        async with subject.transfers.workspace() as folder:
            folders.append(folder)
            assert list(folder.iterdir()) == []
            (folder / "a").write_bytes(b"a")
            raise RuntimeError("in the block")

    with pytest.raises(RuntimeError, match="in the block"):
        await fail_inside()
    assert not folders[0].exists()


async def test_kept_files_outlive_the_workspace_under_unique_names(subject: Subject) -> None:
    kept = []
    for content in (b"first", b"second"):
        async with subject.transfers.workspace() as folder:
            (folder / "moment.mp3").write_bytes(content)
            kept.append(await subject.transfers.keep(folder / "moment.mp3"))
    assert [path.read_bytes() for path in kept] == [b"first", b"second"]
    assert {path.suffix for path in kept} == {".mp3"}
