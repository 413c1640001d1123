"""Lyrics through the whole service: sung where an engine is configured, hummed with a warning where none is."""

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
from tests.support.speech import ENGINE, require_engine
from tests.support.up import HUM, PATIENCE, Up, up

LYRICS = "Twinkle twinkle little star\nHow I wonder what you are"


@pytest.fixture(scope="module", params=["", ENGINE], ids=["no engine", "engine"])
def service(request: pytest.FixtureRequest) -> Iterator[tuple[Up, str]]:
    """Give a running service and its engine."""
    engine = require_engine() if request.param else ""
    with (
        tempfile.TemporaryDirectory(prefix="moment-lyrics-") as folder,
        up(Path(folder) / "data", free_port(), MOMENT_SPEECH=engine) as running,
    ):
        running.await_ready()
        yield running, engine


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


def test_lyrics_are_sung_or_a_warning_says_that_they_are_not(service: tuple[Up, str]) -> None:
    running, engine = service
    hummed, worded = made(running, "hum"), made(running, "lyrics")
    vocals = [httpx.get(status["artifacts"]["vocals"]).content for status in (hummed, worded)]
    sheet = httpx.get(worded["artifacts"]["lead_sheet"]).text
    assert re.findall("<text>(.*)</text>", sheet)[:4] == ["Twin", "kle", "twin", "kle"]
    assert hummed["warnings"] == []
    if engine:
        assert worded["warnings"] == []
        assert vocals[0] != vocals[1]
    else:
        (warning,) = worded["warnings"]
        assert (warning["code"], warning["pointer"]) == ("lyrics_not_sung", "/lyrics")
        assert vocals[0] == vocals[1]
