"""Which hosts of URLs can exist; whether they do, the name servers know."""

import re
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import SplitResult

LONGEST: Final = 253
_LABEL: Final = r"[a-z0-9_-]{1,63}"
_NAME: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE)


def has_host(url: SplitResult) -> bool:
    """Return whether a URL has a host that is a name as DNS takes it, perhaps once encoded, or an address."""
    host = url.hostname or ""
    try:
        if url.netloc.rpartition("@")[2].startswith("["):
            IPv6Address(host)  # `[v1.a]` is left to the future, RFC 3986
            return True
        return len(host) <= LONGEST and bool(_NAME.fullmatch(host.encode("idna").decode()))
    except ValueError:
        return False
