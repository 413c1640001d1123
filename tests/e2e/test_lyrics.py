"""Lyrics through the whole service, with a speech engine that sings them."""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from entrypoints.local.network import free_port
from tests.support.speech import require_engine
from tests.support.up import HUM, PATIENCE, Up, up

LYRICS = "Twinkle twinkle little star\nHow I wonder what you are"


@pytest.fixture(scope="module")
def service() -> Iterator[Up]:
    """Give a running service with an engine; that of `test_moment.py` has none."""
    with (
        tempfile.TemporaryDirectory(prefix="moment-lyrics-") as folder,
        up(Path(folder) / "data", free_port(), MUSIC_TOOLS_WORKERS="1", MOMENT_SPEECH=require_engine()) as running,
    ):
        running.await_ready()
        yield running


def made(running: Up, vocals: str) -> dict[str, Any]:
    """Return the status of a finished moment."""
    plan = json.dumps({"lyrics": LYRICS, "metadata": {"vocals": vocals}})
    answer = httpx.post(
        f"{running.url}/v1/create-moment", files={"file": HUM.read_bytes()}, data={"blueprint_json": plan}, timeout=30
    )
    deadline = time.monotonic() + PATIENCE
    while not (status := httpx.get(running.url + answer.headers["location"]).json())["terminal"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status["status"] == "COMPLETED"
    return dict(status)


def test_lyrics_are_sung(service: Up) -> None:
    hummed, worded = made(service, "hum"), made(service, "lyrics")
    vocals = [httpx.get(status["artifacts"]["vocals"]).content for status in (hummed, worded)]
    sheet = httpx.get(worded["artifacts"]["lead_sheet"]).text
    assert re.findall("<text>(.*)</text>", sheet)[:4] == ["Twin", "kle", "twin", "kle"]
    assert hummed["warnings"] == worded["warnings"] == []
    assert vocals[0] != vocals[1]
