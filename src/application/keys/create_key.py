"""Create a key."""

from uuid import uuid4

import msgspec

from application.access import NO_LIMITS, KeyId, Limits, Permission
from application.keys.tokens import digest_of, new_token, prefix_of
from application.ports.api_keys import ApiKey, ApiKeys
from application.ports.clock import Clock


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a key is to be; see `ApiKey`."""

    owner: str
    name: str = ""
    permissions: frozenset[Permission]
    may_hurry: bool = False
    limits: Limits = NO_LIMITS


class CreateKey:
    """Creates keys."""

    def __init__(self, keys: ApiKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def __call__(self, wanted: NewKey) -> tuple[ApiKey, str]:
        """Return a new key and its text, which is nowhere else: only its hash is stored.

        Raises:
            DatabaseUnavailable: It could not be stored.
        """
        token = new_token()
        key = ApiKey(
            id=KeyId(uuid4()),
            prefix=prefix_of(token) or "",
            digest=digest_of(token),
            created_at=self._clock(),
            **msgspec.structs.asdict(wanted),
        )
        await self._keys.add(key)
        return key, token
