"""The music-tools process as it is deployed: real ears in a child process, health that waits for them."""

from pathlib import Path

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from adapters.mcp.client import open_mcp_tools
from entrypoints.music_tools.process import Options, serve
from tests.support.hums import hum, our_tune, write_wav
from tests.support.our_mcp_server import TOKEN
from tests.support.serving import serving

pytestmark = pytest.mark.anyio


async def test_it_warms_up_and_hears_a_hum(tmp_path: Path) -> None:
    write_wav(tmp_path / "hum.wav", hum(our_tune(), seed=3).samples)
    urls: list[str] = []
    warm = anyio.Event()

    def ready(url: str) -> None:
        urls.append(url)
        warm.set()

    async def process() -> None:
        options = Options(port=0, token=TOKEN, workers=1, output_dir=tmp_path, grace=1.0)
        await serve(options, anyio.Event(), ready=ready)

    static = Starlette(routes=[Mount("/", StaticFiles(directory=tmp_path))])
    async with serving(static) as files, anyio.create_task_group() as group:
        group.start_soon(process)
        await warm.wait()
        async with httpx.AsyncClient() as http:
            assert (await http.get(urls[0].replace("/mcp", "/healthz"))).status_code == 200
        async with open_mcp_tools(urls[0], TOKEN) as tools:
            analysis = await tools.analyze_hum(f"{files}/hum.wav", hints={}, progress=lambda _: None)
        group.cancel_scope.cancel()
    assert analysis.key == "Dm"
