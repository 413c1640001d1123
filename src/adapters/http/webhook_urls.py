"""Which URLs a webhook may be sent to, as far as they tell; the address of a name is judged when it is sent."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from adapters.http.addresses import is_public, names_loopback
from adapters.toolkit.authorities import DEFAULT_PORTS, Authority
from application.ports.webhooks import WebhookUrlRefused
from domain.hosts import has_host

LONGEST: Final = 2048


class WebhookUrls:
    """Judges URLs: https, or http to a host that the operator allows.

    Args:
        allowed: Hosts that are reached without a check.
    """

    def __init__(self, allowed: Sequence[Authority]) -> None:
        self._allowed = allowed

    def __call__(self, text: str) -> None:
        """Check a URL.

        Raises:
            WebhookUrlRefused: No webhook may be sent there.
        """
        url = _parsed(text)
        host = url.hostname or ""
        if any(authority.covers(host, url.port or DEFAULT_PORTS[url.scheme]) for authority in self._allowed):
            return
        if url.scheme != "https":
            raise WebhookUrlRefused("must be an https URL; http is for hosts that EGRESS_ALLOWED_HOSTS names")
        if names_loopback(host) or (_is_address(host) and not is_public(host)):
            raise WebhookUrlRefused(
                "leads to an address that is not public; EGRESS_ALLOWED_HOSTS of this service names exceptions"
            )


def _parsed(text: str) -> SplitResult:
    if len(text) > LONGEST:
        raise WebhookUrlRefused(f"is longer than {LONGEST} characters")
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise WebhookUrlRefused("must be a URL in ASCII, as it is sent: names in punycode, other letters escaped")
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError as error:
        raise WebhookUrlRefused(f"is no URL: {error}") from None
    if url.scheme not in DEFAULT_PORTS or not host:
        raise WebhookUrlRefused("must be an https URL with a host")
    if not has_host(url):
        raise WebhookUrlRefused("is no URL: its host is neither a name nor an address")
    if port == 0:
        raise WebhookUrlRefused("is no URL: nothing listens on port 0")
    if "@" in url.netloc:
        raise WebhookUrlRefused("must not contain a login: the signature says who sends it")
    if "#" in text:
        raise WebhookUrlRefused("must not contain a fragment")
    return url


def _is_address(host: str) -> bool:
    """Return whether a host is an address, in whatever spelling connect(2) takes: `127.1`, `0x7f000001`."""
    last = host.removesuffix(".").rpartition(".")[2]
    return ":" in host or last.isdigit() or last.startswith("0x")
