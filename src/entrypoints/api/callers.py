"""Who makes a request: known before the routes, asked for by their parameter `caller`."""

from hashlib import blake2b, sha256
from typing import Any, Final

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from application.access import Caller, KeyMissing, Permission
from application.keys.keyring import Keyring
from application.objects.signed_objects import OBJECTS_PATH
from domain.errors import MomentError
from entrypoints.api.client_addresses import client_of
from entrypoints.api.local_operators import LocalOperators

STATE_KEY: Final = "caller"
REFUSAL_KEY: Final = "refused_caller"
"""Why the key of a request is not good, or that one is missing: the guard of the routes raises it. None: they are good;
where it is absent, nobody has looked."""

PSEUDONYM_BYTES: Final = 8
OURS: Final = "/v1/"
NO_KEY_NEEDED: Final = (f"{OBJECTS_PATH}/", "/v1/proxy-audio")
"""Signed URLs, and what leads to them."""

NO_KEY: Final = "none"
"""A token that is none of ours."""

KEY_BEGINS: Final = b"moment_"

LOCAL_OPERATOR: Final = Caller(permissions=frozenset(Permission))
"""Somebody on the machine itself."""


class Callers:
    """Finds out who makes a request, by its key or its address.

    Args:
        local_operators: Who may operate the service without a key.
        require_keys: Whether nobody may do anything without a key.
        secret: Of all apis of the service, for the pseudonyms of addresses.
    """

    def __init__(self, keyring: Keyring, local_operators: LocalOperators, *, require_keys: bool, secret: str) -> None:
        self._keyring = keyring
        self._local_operators = local_operators
        self._require_keys = require_keys
        self._pseudonym_key = sha256(secret.encode()).digest()

    def around(self, app: ASGIApp) -> ASGIApp:
        """Note in the scope who makes the request, or why their key is refused."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            state = scope["state"]
            state[STATE_KEY] = somebody = Caller(client=self._pseudonym(client_of(scope)))
            if needs_caller(scope["path"]):
                state[REFUSAL_KEY] = None
                try:
                    state[STATE_KEY] = await self._caller(scope, somebody)
                except MomentError as error:
                    state[REFUSAL_KEY] = error
            await app(scope, receive, send)

        return serve

    async def _caller(self, scope: Scope, somebody: Caller) -> Caller:
        """Return the owner of the key, or somebody without one.

        Raises:
            KeyMissing, KeyInvalid, DatabaseUnavailable: Nobody knows who it is; it is not nobody.
        """
        if token := bearer_token(scope):
            return await self._keyring(token)
        if self._require_keys:
            raise KeyMissing
        return LOCAL_OPERATOR if self._local_operators.include(scope) else somebody

    def _pseudonym(self, address: str) -> str:
        """Return a name for an address under which its jobs take turns.

        Rows do not say where people are, not even to those who have all rows and try all addresses.
        """
        if not address:
            return ""
        return blake2b(address.encode(), key=self._pseudonym_key, digest_size=PSEUDONYM_BYTES).hexdigest()


def needs_caller(path: str) -> bool:
    """Return whether a path is of the API itself: pages, health checks and signed URLs are for everybody."""
    return path.startswith(OURS) and not path.startswith(NO_KEY_NEEDED)


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Return who makes a request."""
    caller: Caller = request.scope["state"][STATE_KEY]
    return caller


def bearer_token(scope: Scope) -> str | None:
    """Return the bearer token (RFC 6750) of a request; other schemes may be a proxy's, and are none of ours.

    Where it cannot be said which token is meant, or a key came without the scheme, it is one that is no key: whoever
    sends a key is not nobody.
    """
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    tokens = [token for value in values if (token := _token_in(value))]
    return (tokens[0] if len(values) == 1 else NO_KEY) if tokens else None


def _token_in(value: bytes) -> str | None:
    scheme, *rest = value.split(maxsplit=1) or (b"",)
    if scheme.lower() == b"bearer":
        return rest[0].strip().decode("latin-1") if rest else NO_KEY
    return NO_KEY if scheme.startswith(KEY_BEGINS) else None
