"""Who makes a request: known before the routes, asked for by their parameter `caller`."""

from hashlib import sha256
from typing import Any, Final

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from application.access import Caller
from entrypoints.api.client_shares import client_of

STATE_KEY: Final = "caller"
PSEUDONYM_BYTES: Final = 8


def with_caller(app: ASGIApp) -> ASGIApp:
    """Note in the scope who makes the request."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"][STATE_KEY] = Caller(client=_pseudonym(client_of(scope)))
        await app(scope, receive, send)

    return serve


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Return who makes a request."""
    caller: Caller = request.scope["state"][STATE_KEY]
    return caller


def _pseudonym(address: str) -> str:
    """Return a name for an address under which its jobs take turns: rows need not say where people are."""
    return sha256(address.encode()).hexdigest()[: 2 * PSEUDONYM_BYTES] if address else ""
