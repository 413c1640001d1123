"""The api at its public URL."""

import ipaddress
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import anyio
import httpx

from entrypoints.doctor.database import database_in_use
from entrypoints.doctor.fleet import count_workers
from entrypoints.doctor.report import ProbeResult, Report, Verdict
from entrypoints.doctor.storage_probe import anonymous_client
from entrypoints.settings import Settings

_START: Final = "start `moment up` or `moment api`, or set PUBLIC_URL to where it runs"

_SAME: Final = "start the api there, or set PUBLIC_URL to the api's URL, the same for api, worker and music-tools"


async def is_serving(http: httpx.AsyncClient, public_url: str, seconds: float) -> bool:
    """Return whether an api responds at the URL."""
    with anyio.move_on_after(seconds), suppress(httpx.HTTPError, httpx.InvalidURL):
        return (await http.get(f"{public_url}/healthz")).is_success
    return False


async def check_service(settings: Settings, report: Report) -> None:
    """Check that the api is ready; it need not run yet, so the worst result is a warning."""

    async def ask() -> ProbeResult:
        async with anonymous_client(report.seconds) as http:
            answer = await http.get(f"{settings.public_url}/readyz")
        return _readiness(settings.public_url, answer)

    def explain(error: Exception) -> ProbeResult:
        return ProbeResult(f"{settings.public_url} does not respond: {type(error).__name__}", Verdict.WARN, _START)

    await report.check("api", ask, explain)
    if settings.spaces is None and (found := await _audio_result(settings, report.seconds)):
        report.add("audio", found)


async def _audio_result(settings: Settings, seconds: float) -> ProbeResult | None:
    """Return why jobs cannot fetch the audio that the api serves, or None."""
    if is_local(settings.public_url) and settings.mcp_url and not is_local(settings.mcp_url):
        seen = f"the tools at {urlsplit(settings.mcp_url).hostname} fetch audio from {settings.public_url}"
        return ProbeResult(seen, Verdict.FAIL, "set PUBLIC_URL to a URL under which they reach the api")
    database = database_in_use(settings)
    async with anonymous_client(seconds) as http:
        if database is None or await is_serving(http, settings.public_url, seconds):
            return None
    if not await count_workers(database, seconds):
        return None
    seen = f"workers run, and no api responds at {settings.public_url}, where jobs fetch their audio"
    return ProbeResult(seen, Verdict.FAIL, _SAME)


def is_local(url: str) -> bool:
    """Return whether a URL points to the loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _readiness(url: str, answer: httpx.Response) -> ProbeResult:
    try:
        document = answer.json()
        status, parts = str(document["status"]), dict(document["parts"])
    except (ValueError, KeyError, TypeError):
        return ProbeResult(f"something else responds at {url}, with status {answer.status_code}", Verdict.WARN, _START)
    if status == "ok":
        return ProbeResult(f"ready at {url}")
    failing = [f"{name}: {state}" for name, state in parts.items() if state != "ok"]
    what = f"{url} is {', '.join([status, *failing])}"
    return ProbeResult(what, Verdict.WARN, "fix what fails above; see the api's log")
