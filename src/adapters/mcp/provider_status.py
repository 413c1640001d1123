"""What a provider behind a tool server answered, by the HTTP status that a failed result carries.

The tool server of the Celery version asks a hosted voice and music service, and passes on its status and its words. The
statuses are those of RFC 9110; the words are matched where the status alone is ambiguous.
"""

import re
from typing import Any, Final

from adapters.mcp.busy import seconds_of
from application.ports.tools import ToolFailed
from domain.error_codes import CODES, Code

LONGEST_SECONDS: Final = 3600.0
"""The longest time that a provider may ask us to wait."""

CODE_OF_STATUS: Final[dict[int, Code]] = {
    400: "provider_refused",
    401: "provider_denied",
    402: "provider_quota",
    403: "provider_denied",
    404: "voice_not_found",
    408: "provider_unavailable",
    422: "provider_refused",
    425: "provider_unavailable",
    429: "provider_busy",
}
"""What each status means, unless the words say more; 500 and above are `provider_unavailable`, others mean nothing."""

_QUOTA: Final = re.compile(r"quota|credits?\b|insufficient[ _]funds", re.IGNORECASE)
_UNKNOWN: Final = re.compile(
    r"(voice|model)(?:[ _]?id)?\b.{0,80}?(?:not[ _](?:be[ _])?found|not[ _]exist|unknown|no longer)"
    r"|(voice|model)_(?:not_found|does_not_exist)"
    r"|(?:no such|unknown) (voice|model)",
    re.IGNORECASE | re.DOTALL,
)


def status_of(structured: dict[str, Any]) -> int:
    """Return the HTTP status in a result, or 0."""
    stated = structured.get("status")
    if isinstance(stated, str) and stated.isascii() and stated.isdecimal():
        stated = int(stated[:4])
    return stated if isinstance(stated, int) and not isinstance(stated, bool) and 100 <= stated < 600 else 0


def provider_failure(structured: dict[str, Any], message: str) -> ToolFailed | None:
    """Return what a failed result says about the provider; None where its status says nothing about it."""
    status = status_of(structured)
    code = "provider_unavailable" if status >= 500 else CODE_OF_STATUS.get(status)
    if code is None:
        return None
    said = [message, *(str(structured[name]) for name in ("code", "error", "detail") if name in structured)]
    code = _refined(code, " ".join(said))
    return ToolFailed(message, code=code, permanent=CODES[code].permanent, retry_after=_retry_after(structured))


def _refined(code: Code, words: str) -> Code:
    """Return the code that the provider's words mean, where its status alone is ambiguous."""
    if code == "provider_denied" and _QUOTA.search(words):
        return "provider_quota"
    if code == "voice_not_found" and "model" in words.lower():
        return "model_not_found"
    if code == "provider_refused" and (unknown := _UNKNOWN.search(words)):
        return "model_not_found" if "model" in {str(group).lower() for group in unknown.groups()} else "voice_not_found"
    return code


def _retry_after(structured: dict[str, Any]) -> float:
    """Return the seconds that the provider asks us to wait, 0 if it says nothing."""
    named = (structured.get(name) for name in ("retry_after", "retry_after_seconds", "retryAfter"))
    seconds = seconds_of(next((stated for stated in named if stated is not None), None))
    return min(seconds, LONGEST_SECONDS) if seconds > 0 else 0.0
