"""Commands of a page, run in a shell with the real `curl` and `moment`, against a service with another URL."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import anyio
import msgspec
import pytest

from tests.support.transcripts import Answer, answer_of

PAGE_URL: Final = "http://localhost:8000"
"""Where the service is in the pages."""

SECONDS: Final = 20
FUNCTIONS: Final = f"""
curl() {{ command curl --silent --show-error --max-time {SECONDS} --dump-header "$HEAD" "$@"; }}
moment() {{ "$PYTHON" -m entrypoints.cli "$@"; }}
"""
_METHODS: Final = {"-I": "HEAD", "--head": "HEAD", "-T": "PUT", "-F": "POST", "-d": "POST", "--json": "POST"}


class CommandFailed(Exception):
    """A command ended with an error."""


class Call(msgspec.Struct, frozen=True):
    """What a `curl` command sends."""

    method: str
    path: str


def require_curl() -> None:
    """Skip the test where `curl` is missing, or fail if `REQUIRE_CURL=1` demands it: CI does."""
    if shutil.which("curl") is None:
        if os.environ.get("REQUIRE_CURL") == "1":
            pytest.fail("curl is not installed (REQUIRE_CURL=1 demands it)", pytrace=False)
        pytest.skip("curl is not installed")


def call_of(command: str) -> Call | None:
    """Return what a command sends to the service of the page, if it is a `curl` that does."""
    words = shlex.split(command.replace("\\\n", " "))
    urls = [word for word in words if word.startswith(PAGE_URL)]
    if words[:1] != ["curl"] or not urls:
        return None
    given = [words[index + 1] for index, word in enumerate(words) if word in {"-X", "--request"}]
    implied = [_METHODS[word] for word in words if word in _METHODS]
    return Call([*given, *implied, "GET"][0], urlsplit(urls[0]).path or "/")


async def run(command: str, url: str, folder: Path, environment: Mapping[str, str]) -> Answer:
    """Run a command in a folder; return what it was answered, with the URL of the page in it.

    Raises:
        CommandFailed: It ended with an error.
    """
    head = folder / "head.txt"
    head.unlink(missing_ok=True)
    variables = {**os.environ, **environment, "HEAD": str(head), "PYTHON": sys.executable}
    script = FUNCTIONS + command.replace(PAGE_URL, url)
    done = await anyio.run_process(["sh", "-c", script], cwd=folder, env=variables, check=False)
    if done.returncode:
        raise CommandFailed(f"exit code {done.returncode}: {done.stderr.decode().strip()[-500:]}")
    printed = done.stdout.decode(errors="replace").replace(url, PAGE_URL)
    return _answer(head.read_text().replace(url, PAGE_URL) if head.exists() else "", printed)


def _answer(head: str, printed: str) -> Answer:
    """Return an answer of its head, the last of several, and what was printed, which may begin with the head."""
    heads = [found for found in re.split(r"(?:\r?\n){2}", head) if found.startswith("HTTP/")]
    body = printed.replace("\r\n", "\n")
    while body.startswith("HTTP/"):
        body = body.partition("\n\n")[2]
    last = answer_of(heads[-1] if heads else "")
    return Answer(last.status, last.headers, body.strip("\n"))
