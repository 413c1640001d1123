"""The real process: real HTTP, real child processes, a real hum."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from adapters.audio.sampling.soundfont import SoundFont, find_soundfont
from adapters.mcp.client import open_mcp_tools
from adapters.toolkit.authorities import parse
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.completion import complete
from domain.jobs.artifacts import Stem
from entrypoints.music_tools.hosting import listen
from entrypoints.music_tools.process import Options, serve
from tests.support.hums import hum, our_tune, write_wav
from tests.support.our_mcp_server import TOKEN
from tests.support.serving import serving
from tests.support.soundfonts import write_soundfont

pytestmark = pytest.mark.anyio

CALLERS = 12
"""Three times as many as one child process admits."""


@asynccontextmanager
async def music_tools(folder: Path, soundfont: SoundFont | None = None) -> AsyncIterator[tuple[str, str]]:
    """Run music-tools with one child for the duration of the block; yield its URL and that of a hum."""
    write_wav(folder / "hum.wav", hum(our_tune(), seed=3).samples)
    urls: list[str] = []
    warm = anyio.Event()

    def ready(url: str) -> None:
        urls.append(url)
        warm.set()

    async def process() -> None:
        options = Options(
            port=0, token=TOKEN, workers=1, output_dir=folder, grace=1.0, reachable=(parse("127.0.0.1"),),
            soundfont=soundfont,
        )  # fmt: skip
        await serve(options, listen(options.host, options.port), anyio.Event(), ready=ready)

    static = Starlette(routes=[Mount("/", StaticFiles(directory=folder))])
    async with serving(static) as files, anyio.create_task_group() as group:
        group.start_soon(process)
        await warm.wait()
        yield urls[0], f"{files}/hum.wav"
        group.cancel_scope.cancel()


async def test_it_warms_up_and_hears_a_hum(tmp_path: Path) -> None:
    async with music_tools(tmp_path) as (url, recording):
        async with httpx.AsyncClient() as http:
            assert (await http.get(url.replace("/mcp", "/healthz"))).status_code == 200
        async with open_mcp_tools(url, TOKEN) as tools:
            heard = await tools.analyze_hum(recording, hints={}, progress=lambda _: None)
    assert heard.analysis.key == "Dm"


async def test_two_servers_with_one_soundfont_make_one_sound_and_one_without_none(tmp_path: Path) -> None:
    soundfont, busy = find_soundfont(write_soundfont(tmp_path / "set", compressed=True)), anyio.Event()

    async def played(server: SoundFont | None, blueprint: Blueprint) -> bytes:
        async with (
            music_tools(tmp_path, server) as (url, recording),
            open_mcp_tools(url, TOKEN, on_busy=busy.set) as tools,
        ):
            result = await tools.render_stem(
                Stem.INSTRUMENTAL, blueprint, audio_url=recording, targets={}, progress=lambda _: None
            )
        return await anyio.Path(result.path).read_bytes()

    async with music_tools(tmp_path, soundfont) as (url, recording), open_mcp_tools(url, TOKEN) as tools:
        heard = await tools.analyze_hum(recording, hints={}, progress=lambda _: None)
    blueprint = complete(
        {"style": "orchestral"}, heard.analysis, blueprint_id="b", kind=OutputKind.PREVIEW, voice_id="me", seed=1,
        soundfont=heard.soundfont,
    )  # fmt: skip
    assert heard.soundfont == soundfont.sha256
    assert await played(soundfont, blueprint) == await played(soundfont, blueprint)
    assert not busy.is_set()
    async with anyio.create_task_group() as group:
        group.start_soon(played, None, blueprint)
        await busy.wait()
        group.cancel_scope.cancel()


async def test_more_callers_than_it_admits_are_all_served_and_nothing_is_computed_in_vain(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "moment.tools")
    refused: list[None] = []
    keys: list[str] = []
    async with (
        music_tools(tmp_path) as (url, recording),
        open_mcp_tools(url, TOKEN, on_busy=lambda: refused.append(None)) as tools,
        anyio.create_task_group() as callers,
    ):

        async def listen() -> None:
            keys.append((await tools.analyze_hum(recording, hints={}, progress=lambda _: None)).analysis.key)

        for _ in range(CALLERS):
            callers.start_soon(listen)
    assert keys == ["Dm"] * CALLERS
    assert refused
    served: list[dict[str, Any]] = [vars(line) for line in caplog.records if line.msg == "tool served"]
    assert [line["outcome"] for line in served] == ["ok"] * CALLERS
    assert [line.levelname for line in caplog.records if line.msg.startswith("busy")] == ["WARNING"]
