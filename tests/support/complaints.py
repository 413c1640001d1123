"""What goes wrong on a page without being seen: errors of scripts and console, violated policies, failed requests."""

import re
from typing import Final

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

GIVEN_UP: Final = "net::ERR_ABORTED"
"""The error of requests that the page itself gave up: it left, closed an event source, or had heard enough."""

BY_TESTS: Final = "Multiple readback operations using getImageData"
"""What Chromium remarks on tests that look at what is drawn, if they look again soon; the page never reads it back."""


class Complaints:
    """What the pages of one test complained about; it fails the test unless it was allowed."""

    def __init__(self) -> None:
        self._made: list[str] = []
        self._allowed = [BY_TESTS]

    def listen(self, context: BrowserContext) -> None:
        """Note what the pages of a context complain about."""
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._made.append(f"uncaught: {error.error}"))
        context.on("requestfailed", self._on_failure)

    def allow(self, pattern: str) -> None:
        """Let complaints pass in which a regular expression is found: those that the test provokes."""
        self._allowed.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        """The complaints that were not allowed."""
        return [made for made in self._made if not any(re.search(allowed, made) for allowed in self._allowed)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self._made.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_failure(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self._made.append(f"{request.method} {request.url}: {request.failure}")
