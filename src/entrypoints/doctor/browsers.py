"""Whether scripts in browsers may read the music: `<audio>` plays any URL, `fetch` only what the store's CORS allows.

Source: WHATWG Fetch, "HTTP CORS protocol".
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from application.ports.objects import UrlSigner
from entrypoints.doctor.report import ProbeResult, Verdict
from entrypoints.settings import Settings

KEY: Final = "moment-doctor/cors"
"""Nothing has to be there: a preflight is about the bucket."""

ANY: Final = "*"


def origins_of(settings: Settings) -> list[str]:
    """Return the origins whose pages show the music: our own, and those that may call the api."""
    parts = urlsplit(settings.public_url)
    return list(dict.fromkeys([f"{parts.scheme}://{parts.netloc}", *settings.cors_origins]))


async def check_preflight(urls: UrlSigner, http: httpx.AsyncClient, origins: Sequence[str]) -> ProbeResult:
    """Ask as a browser does before a `fetch` of a part of a signed URL, once for each origin."""
    url = await urls.sign_get(KEY)
    answers = {origin: await _answer(http, url, origin) for origin in origins if origin != ANY}
    refused = {origin: status for origin, status in answers.items() if status}
    if not refused:
        return ProbeResult(f"pages of {', '.join(answers)} may fetch signed URLs")
    statuses = ", ".join(sorted({str(status) for status in refused.values()}))
    seen = f"pages of {', '.join(refused)} can play the music but not fetch it: the preflight returned {statuses}"
    return ProbeResult(seen, Verdict.WARN, f"add this to the bucket's CORS rules: {_rule(origins)}")


async def _answer(http: httpx.AsyncClient, url: str, origin: str) -> int:
    """Return 0 if the store allows a GET to pages of an origin, else the status of its response."""
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    answer = await http.options(url, headers={"Origin": origin, **asked})
    allowed = answer.headers.get("access-control-allow-origin", "")
    methods = answer.headers.get("access-control-allow-methods", "")
    if answer.is_success and allowed in {origin, ANY} and ("GET" in methods.upper() or ANY in methods):
        return 0
    return answer.status_code


def _rule(origins: Sequence[str]) -> str:
    return msgspec.json.encode(
        {
            "AllowedOrigins": origins,
            "AllowedMethods": ["GET", "HEAD"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag", "Content-Range"],
        }
    ).decode()
