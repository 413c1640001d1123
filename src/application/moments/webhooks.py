"""The webhook that a request names: whether it may be sent there, and how it is signed."""

from collections.abc import Callable

from application.ports.webhooks import WebhookEndpoints
from domain.errors import MomentError


class WebhooksNotConfigured(MomentError):
    """Webhooks cannot be signed: there is no secret."""

    code = "webhooks_not_configured"
    permanent = True


class Webhooks:
    """Admits the endpoints that requests name.

    Args:
        endpoints: Knows them, and which owners have secrets.
        check_url: Raises `WebhookUrlRefused` for a URL that no webhook may be sent to.
        has_secret: Whether the service has a secret of its own, for requests without an owner.
    """

    def __init__(self, endpoints: WebhookEndpoints, check_url: Callable[[str], None], *, has_secret: bool) -> None:
        self._endpoints = endpoints
        self._has_secret = has_secret
        self.check_url = check_url

    async def admit(self, owner: str, url: str) -> None:
        """Know of an endpoint from now on.

        Raises:
            WebhooksNotConfigured: What is sent there cannot be signed.
            EndpointDisabled: It was disabled less than a day ago.
            DatabaseUnavailable: Its state cannot be read now.
        """
        if not owner and not self._has_secret:
            raise WebhooksNotConfigured("this service sends no webhooks: its operator has not set WEBHOOK_SECRET")
        if not await self._endpoints.name(owner, url) and owner:
            raise WebhooksNotConfigured(
                "there is no secret to sign your webhooks with: the operator makes one with `moment webhooks rotate`"
            )
