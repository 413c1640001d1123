"""Webhooks over HTTP: one POST each, through the egress guard, within ten seconds, whatever the other side does."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import anyio
import httpx

from adapters.http.webhook_signing import signed_headers
from application.ports.transfers import UrlNotAllowed
from application.ports.webhooks import ClaimedDelivery
from application.version import VERSION
from domain.webhooks.attempts import Answer

SECONDS: Final = 10.0
"""From the name's resolution to the head of the answer."""

USER_AGENT: Final = f"main-character-moment/{VERSION}"


class HttpWebhookSender:
    """Implements `WebhookSender`. Of an answer only the status is read: its body may be endless.

    Args:
        client: Whose transport is the egress guard.
        secrets: Sign what has no owner, the present one first.
        seconds: That an answer may take.
    """

    def __init__(self, client: httpx.AsyncClient, secrets: Sequence[str], *, seconds: float = SECONDS) -> None:
        self._client = client
        self._secrets = secrets
        self._seconds = seconds

    async def send(self, claimed: ClaimedDelivery, body: str) -> Answer:
        """Send a webhook once. Redirects are not followed: they are answers other than 2xx."""
        now, began = datetime.now(UTC), time.monotonic()
        headers = signed_headers(claimed.secrets or self._secrets, str(claimed.id), now, body)
        status, error = None, "timeout"
        with anyio.move_on_after(self._seconds):
            status, error = await self._post(claimed.url, headers, body)
        return Answer(at=now, status=status, error=error, seconds=round(time.monotonic() - began, 3))

    async def _post(self, url: str, headers: dict[str, str], body: str) -> tuple[int | None, str]:
        """Return the status of the answer, and why it is a failure."""
        headers |= {"content-type": "application/json", "user-agent": USER_AGENT}
        content, seconds = body.encode(), self._seconds
        try:
            request = self._client.build_request("POST", url, content=content, headers=headers, timeout=seconds)
            response = await self._client.send(request, stream=True, follow_redirects=False)
            await response.aclose()
        except UrlNotAllowed:
            return None, "url_not_allowed"
        except httpx.TimeoutException:
            return None, "timeout"
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return None, "connection_failed" if isinstance(error, httpx.ConnectError) else "connection_broken"
        return response.status_code, "" if response.is_success else f"status_{response.status_code}"
