"""URLs that carry their own permission: what may be done, until when, and a signature over both."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from typing import Final
from urllib.parse import quote_plus

import msgspec

from application.objects.signed_objects import OBJECTS_PATH, Grant, UrlExpired, UrlInvalid

REMEMBERED: Final = 4096
"""URLs kept; each is asked for whenever the status of its job is."""

METHODS: Final = {"GET": "GET", "HEAD": "GET", "PUT": "PUT"}

_quoted: Final = lru_cache(64)(quote_plus)


class SignedUrls:
    """Signs and verifies with keyed BLAKE2b (RFC 7693); every process that holds the secret can do either."""

    def __init__(self, base_url: str, secret: bytes, expiry: timedelta) -> None:
        if not secret:
            raise ValueError("signing needs a secret")
        self._base_url = base_url.rstrip("/")
        self._key = blake2b(secret).digest()  # a key has 64 bytes at most; a secret is as long as somebody likes
        self._step = max(int(expiry.total_seconds() / 2), 1)
        self._signed = lru_cache(REMEMBERED)(self._sign)

    def sign(self, method: str, key: str, now: datetime, *, mime_type: str = "", download_name: str = "") -> str:
        """Return a URL good for between half the expiry and all of it; object keys have nothing to escape.

        Expiries are multiples of half their life, so that one object has one URL for that long and caches help.
        """
        expires = (int(now.timestamp()) // self._step + 2) * self._step
        return self._signed(method, key, expires, mime_type, download_name)

    def _sign(self, method: str, key: str, expires: int, mime_type: str, download_name: str) -> str:
        query = f"method={method}&expires={expires}"
        query += f"&type={_quoted(mime_type)}" if mime_type else ""
        query += f"&name={quote_plus(download_name)}" if download_name else ""
        signature = self._signature(method, key, str(expires), mime_type, download_name)
        return f"{self._base_url}{OBJECTS_PATH}/{key}?{query}&signature={signature}"

    def verify(self, method: str, key: str, query: Mapping[str, str], now: datetime) -> Grant:
        """Return what a URL allows; a URL for `GET` serves `HEAD` as well.

        Raises:
            UrlInvalid: Not ours, or ours for another method, key, type or name.
            UrlExpired: Ours, and too old.
        """
        allowed = METHODS.get(method, "")
        fixed = (query.get(name, "") for name in ("expires", "type", "name"))
        expected = self._signature(allowed, key, *fixed)
        if not allowed or not compare_digest(expected.encode(), query.get("signature", "").encode()):
            raise UrlInvalid
        expires_at = datetime.fromtimestamp(int(query["expires"]), UTC)  # signed, hence written by us
        if now >= expires_at:
            raise UrlExpired
        return Grant(
            method=allowed,
            key=key,
            expires_at=expires_at,
            mime_type=query.get("type", ""),
            download_name=query.get("name", ""),
        )

    def _signature(self, *signed: str) -> str:
        return blake2b(msgspec.json.encode(signed), digest_size=32, key=self._key).hexdigest()
