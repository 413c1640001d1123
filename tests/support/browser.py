"""A real browser without a window: Chromium, driven over the pipes of its DevTools protocol."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 60.0
POLL = 0.1
OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--remote-debugging-pipe", "--autoplay-policy=no-user-gesture-required", "--no-proxy-server"),
)


class Tab:
    """One tab of a running browser.

    Attributes:
        complaints: What the console says at the levels warning and error: a violated policy, too.
    """

    def __init__(self, to: int, back: int) -> None:
        self.complaints: list[str] = []
        self._to, self._back = os.fdopen(to, "wb", buffering=0), os.fdopen(back, "rb", buffering=0)
        self._buffer, self._count, self._session = b"", 0, ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; return its result."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        self._to.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._count:
            self._note(answer)
        assert "error" not in answer, answer
        found: dict[str, Any] = answer["result"]
        return found

    def visit(self, url: str) -> None:
        """Load a page."""
        self.call("Page.navigate", url=url)
        self.await_that("document.readyState === 'complete' && location.href !== 'about:blank'")

    def value(self, script: str) -> Any:
        """Return the value of an expression; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def choose(self, selector: str, file: Path) -> None:
        """Put a file into an input, as a user does."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(file)], nodeId=node)

    def await_that(self, script: str) -> None:
        """Return when an expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.value(script):
            assert time.monotonic() < deadline, (script, self.complaints)
            time.sleep(POLL)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = self._back.read(65536)
            assert piece, "the browser has ended"
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "Log.entryAdded" and params["entry"]["level"] in {"warning", "error"}:
            self.complaints.append(f"{params['entry']['text']} ({params['entry'].get('url', '')})")
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))

    def close(self) -> None:
        """Close the pipes."""
        self._to.close()
        self._back.close()


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """Run Chromium with a profile in the folder while the block lasts; skip the test where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    theirs_in, to = os.pipe()
    back, theirs_out = os.pipe()

    def at_3_and_4() -> None:  # where Chromium expects them
        os.dup2(theirs_in, 103)
        os.dup2(theirs_out, 104)
        os.dup2(103, 3)
        os.dup2(104, 4)

    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={folder / 'profile'}"],
            stdout=log,
            stderr=log,
            preexec_fn=at_3_and_4,  # noqa: PLW1509 - it takes no lock
            close_fds=False,
        )
    os.close(theirs_in)
    os.close(theirs_out)
    tab = Tab(to, back)
    try:
        yield tab
    finally:
        tab.close()
        process.terminate()
        process.wait(PATIENCE)
