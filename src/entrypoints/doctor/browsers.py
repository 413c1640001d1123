"""Whether scripts in browsers may read the music, and send recordings to the store.

`<audio>` plays any URL, `fetch` reads and sends only what the store's CORS allows.

Source: WHATWG Fetch, "HTTP CORS protocol".
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from application.ports.objects import UrlSigner
from entrypoints.doctor.report import ProbeResult, Verdict
from entrypoints.settings import Settings

KEY: Final = "moment-doctor/cors"
"""Nothing has to be there: a preflight is about the bucket."""

TYPE: Final = "audio/wav"
ANY: Final = "*"


def origins_of(settings: Settings) -> list[str]:
    """Return the origins whose pages show the music: our own, and those that may call the api."""
    parts = urlsplit(settings.public_url)
    return list(dict.fromkeys([f"{parts.scheme}://{parts.netloc}", *settings.cors_origins]))


async def check_preflight(urls: UrlSigner, http: httpx.AsyncClient, origins: Sequence[str]) -> ProbeResult:
    """Ask as a browser does before a `fetch` of a part of a signed URL, and before an upload, for each origin."""
    pages = [origin for origin in origins if origin != ANY]
    reading = await _refused(http, await urls.sign_get(KEY), "GET", "range", pages)
    if not reading:
        sending = await _refused(http, await urls.sign_put(KEY, TYPE, size=1), "PUT", "content-type", pages)
        if not sending:
            return ProbeResult(f"pages of {', '.join(pages)} may fetch signed URLs, and send recordings to them")
        return _warning(sending, "can fetch the music but not send recordings to the store (POST /v1/uploads)", origins)
    return _warning(reading, "can play the music but not fetch it", origins)


def _warning(refused: Mapping[str, int], what: str, origins: Sequence[str]) -> ProbeResult:
    statuses = ", ".join(sorted({str(status) for status in refused.values()}))
    seen = f"pages of {', '.join(refused)} {what}: the preflight returned {statuses}"
    return ProbeResult(seen, Verdict.WARN, f"add this to the bucket's CORS rules: {_rule(origins)}")


async def _refused(
    http: httpx.AsyncClient, url: str, method: str, header: str, origins: Sequence[str]
) -> dict[str, int]:
    """Return the origins whose pages the store lets send no request with this header, each with its answer's status."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
    answers = {origin: await http.options(url, headers={"Origin": origin, **asked}) for origin in origins}
    return {origin: answer.status_code for origin, answer in answers.items() if not _allows(answer, origin, method)}


def _allows(answer: httpx.Response, origin: str, method: str) -> bool:
    allowed = answer.headers.get("access-control-allow-origin", "")
    methods = answer.headers.get("access-control-allow-methods", "")
    return answer.is_success and allowed in {origin, ANY} and (method in methods.upper() or ANY in methods)


def _rule(origins: Sequence[str]) -> str:
    return msgspec.json.encode(
        {
            "AllowedOrigins": origins,
            "AllowedMethods": ["GET", "HEAD", "PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag", "Content-Range"],
        }
    ).decode()
