"""Keys of the API in memory."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from application.ports.api_keys import ApiKey, KeyNotFound
from application.ports.clock import Clock
from tests.support.fake_faults import Faults, faulty

NOTED_AGAIN = timedelta(minutes=1)


class InMemoryApiKeys:
    """Port `ApiKeys`.

    Attributes:
        rows: By their prefixes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rows: dict[str, ApiKey] = {}
        self.faults = Faults()

    @faulty
    async def find(self, prefix: str, digest: bytes) -> ApiKey | None:
        key = self.rows.get(prefix)
        if key is None or key.revoked_at:
            return None
        now = self._clock()
        if key.digest == digest and (key.last_used_at is None or key.last_used_at < now - NOTED_AGAIN):
            self.rows[prefix] = msgspec.structs.replace(key, last_used_at=now)
        return key

    @faulty
    async def add(self, key: ApiKey) -> None:
        self.rows[key.prefix] = key

    @faulty
    async def list_keys(self, owner: str, limit: int) -> Sequence[ApiKey]:
        keys = [key for key in self.rows.values() if owner in {"", key.owner}]
        return sorted(keys, key=lambda key: key.created_at, reverse=True)[:limit]

    @faulty
    async def revoke(self, named: str) -> ApiKey:
        for prefix, key in self.rows.items():
            if named in {prefix, str(key.id)}:
                revoked = msgspec.structs.replace(key, revoked_at=key.revoked_at or self._clock())
                self.rows[prefix] = revoked
                return revoked
        raise KeyNotFound(named)
