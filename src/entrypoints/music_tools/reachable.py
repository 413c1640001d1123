"""The hosts that URLs of callers may name although they are not public: those that our own signed URLs start with."""

from collections.abc import Iterator

import msgspec

from adapters.toolkit import authorities
from adapters.toolkit.authorities import Authority
from entrypoints.settings import InvalidSettings, Settings, Spaces


def reachable(settings: Settings) -> tuple[Authority, ...]:
    """Return the object store, `PUBLIC_URL`, and what `EGRESS_ALLOWED_HOSTS` lists.

    Raises:
        InvalidSettings: `PUBLIC_URL` or `DO_SPACES_ENDPOINT` names no host.
    """
    public = _authority("PUBLIC_URL", settings.public_url)
    store = _store(settings.spaces) if settings.spaces else ()
    return (public, *store, *settings.egress_allowed)


def _store(spaces: Spaces) -> Iterator[Authority]:
    """Yield the store and the names of its buckets; without an endpoint it is a public host."""
    if not spaces.endpoint:
        return
    url = spaces.endpoint if "://" in spaces.endpoint else f"https://{spaces.endpoint}"
    given = _authority("DO_SPACES_ENDPOINT", url)
    host = given.host.removeprefix(f"{spaces.bucket}.")
    yield msgspec.structs.replace(given, host=host)
    yield msgspec.structs.replace(given, host=f"*.{host}")


def _authority(name: str, url: str) -> Authority:
    try:
        return authorities.of_url(url)
    except ValueError as error:
        raise InvalidSettings(f"{name} must name a host: {error}") from error
