"""`Idempotency-Key`: which requests are the same (IETF draft-ietf-httpapi-idempotency-key-header, and RFC 9530).

Forms have random boundaries, so that the bytes of two tries differ: what is compared is the file, its name and the
fields. For that the body has to arrive. A client that sends the same bytes again can announce their digest
(`Repr-Digest: sha-256=:…:`): then the answer comes before the body.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any, Final

import msgspec
from litestar import Request

from application.ports.request_keys import Fingerprint
from domain.errors import MomentError
from entrypoints.api.callers import caller_of
from entrypoints.api.forms import Form

KEY: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
MAX_KEY: Final = 255

_KEY: Final = re.compile(rf"[ -~]{{1,{MAX_KEY}}}")
_DIGEST: Final = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):")


class InvalidKey(MomentError):
    """The key is empty, too long, or not ASCII."""

    code = "idempotency_key_invalid"
    permanent = True

    def __init__(self) -> None:
        super().__init__(f"{KEY} must be 1 to {MAX_KEY} printable ASCII characters")


class KeyedRequest:
    """A request that may have a key.

    Attributes:
        key: The digest of its owner, its route and its key; None without one.
        announced: The digest of its body, if the client names it.

    Raises:
        InvalidKey: The key is no key.
    """

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self._request = request
        self._arrived = sha256()
        self.key = self._digest_of(request.headers.get(KEY.lower()))
        self.announced = _announced(request.headers.get("repr-digest", ""))

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield the body; with a key, it is digested as it passes."""
        async for chunk in self._request.stream():
            if self.key:
                self._arrived.update(chunk)
            yield chunk

    async def fingerprint(self, form: Form) -> Fingerprint:
        """Return the digests of the request, whose body has arrived."""
        payload = sha256(msgspec.json.encode([form.filename, sorted(form.texts.items()), form.ignored]))
        if form.file is not None:
            async for chunk in form.file.chunks():
                payload.update(chunk)
        return Fingerprint(key=self.key or b"", payload=payload.digest(), body=self._arrived.digest())

    def fingerprint_of(self, document: object, body: bytes) -> Fingerprint:
        """Return the digests of a request whose body is JSON: of its values, however they were written."""
        payload = sha256(msgspec.json.encode(document, order="deterministic"))
        return Fingerprint(key=self.key or b"", payload=payload.digest(), body=sha256(body).digest())

    def _digest_of(self, key: str | None) -> bytes | None:
        if key is None:
            return None
        if key.startswith('"') and key.endswith('"'):  # a string of RFC 9651, as the draft has it
            key = key[1:-1]
        if not _KEY.fullmatch(key) or not key.strip():
            raise InvalidKey
        of_owner = f"{owner}\n" if (owner := caller_of(self._request).owner) else ""
        return sha256(f"{of_owner}{self._request.method} {self._request.url.path}\n{key}".encode()).digest()


def _announced(header: str) -> bytes | None:
    found = _DIGEST.search(header)
    try:
        return b64decode(found[1], validate=True) if found else None
    except NotBase64:
        return None
