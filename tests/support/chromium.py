"""The system's Chromium; where there is none, what needs it is skipped with the reason.

`REQUIRE_BROWSER=1` turns a skip into a failure: CI sets it, so that no test is left out unnoticed.
"""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    "--autoplay-policy=no-user-gesture-required",
)


def require_chromium() -> str:
    """Return the path of the browser; skip the test, or fail it where a browser is demanded."""
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    reason = "no Chromium is installed (Debian: apt-get install chromium)"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason} (REQUIRE_BROWSER=1 demands it)", pytrace=False)
    pytest.skip(reason)


def microphone_options(recording: Path | None) -> list[str]:
    """Return the options of a microphone that plays a WAV file once, from when it is opened; then it is silent.

    Args:
        recording: None for the tone of Chromium's own, a beep a second.
    """
    plays = [f"--use-file-for-fake-audio-capture={recording}%noloop"] if recording else []
    return ["--use-fake-device-for-media-stream", *plays]
