"""The host names under which the api may be reached."""

from collections.abc import Sequence

from adapters.toolkit import authorities
from adapters.toolkit.authorities import Authority


class AllowedHosts:
    """An allow-list of `Host` headers; an empty one allows all.

    Args:
        listed: What the operator allows; an entry without a port allows every port.
        public_url: Is allowed as well.
    """

    def __init__(self, listed: Sequence[Authority], public_url: str) -> None:
        self._listed = (*listed, authorities.of_url(public_url)) if listed else ()
        self._default_port = authorities.DEFAULT_PORTS[public_url.partition("://")[0]]

    @property
    def allow_all(self) -> bool:
        """Whether there is no list."""
        return not self._listed

    def allow(self, header: str) -> bool:
        """Return whether a request with this `Host` may be served."""
        if self.allow_all:
            return True
        try:
            host = authorities.parse(header)
        except ValueError:
            return False
        return any(authority.covers(host.host, host.port or self._default_port) for authority in self._listed)
