"""The speech engine in tests: where it is not installed, what needs it is skipped with the reason.

`REQUIRE_SPEECH=1` turns a skip into a failure: CI sets it, so that no test is left out unnoticed.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import anyio
import pytest

from adapters.speech import speaking
from adapters.speech.engines import SYSTEM, data_of, library_of
from adapters.speech.espeak import EspeakSpeaker
from application.ports.speech import Speech
from application.studio.spoken_lyrics import spoken_lyrics
from domain.music.score import Score

ENGINE: Final = os.environ.get("TEST_SPEECH", SYSTEM)
"""As in `MOMENT_SPEECH`."""


def require_engine() -> str:
    """Return the engine's setting where it speaks; skip the test, or fail it where engines are demanded."""
    if failure := _failure():
        reason = f"no speech by {ENGINE}: {failure} (Debian: apt-get install espeak-ng)"
        if os.environ.get("REQUIRE_SPEECH") == "1":
            pytest.fail(f"{reason} (REQUIRE_SPEECH=1 demands it)", pytrace=False)
        pytest.skip(reason)
    return ENGINE


@cache
def _failure() -> str:
    command = [sys.executable, "-I", speaking.__file__, library_of(ENGINE), data_of(library_of(ENGINE))]
    tried = subprocess.run(command, input=b"[]", capture_output=True, timeout=20, check=False)
    return tried.stderr.decode().strip().rpartition("\n")[2] if tried.returncode else ""


def said(piece: Score, folder: Path) -> Speech:
    """Return a score's words as the engine says them."""

    async def speak() -> Speech:
        speech, warnings = await spoken_lyrics(EspeakSpeaker(require_engine()), piece, folder / "speech")
        assert speech is not None
        assert not warnings
        return speech

    return anyio.run(speak)
