"""Signed URLs: a method, an object key and an expiry, with a signature over them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from typing import Final
from urllib.parse import quote_plus

import msgspec

from application.objects.signed_objects import OBJECTS_PATH, Grant, UrlExpired, UrlInvalid

CACHED_URLS: Final = 4096
"""URLs to cache; each is requested whenever the status of its job is."""

_EXPIRES: Final = re.compile(r"[?&]expires=(\d+)")


def _if_given(size: int | str | None) -> tuple[str, ...]:
    """Return what a size adds to what is signed: nothing if there is none, as before there were sizes."""
    return () if size is None else (str(size),)


METHODS: Final = {"GET": "GET", "HEAD": "GET", "PUT": "PUT"}

_quoted: Final = lru_cache(64)(quote_plus)


def expiry_of(url: str) -> datetime:
    """Return when a URL of ours expires.

    Raises:
        UrlInvalid: It is none of ours.
    """
    if (found := _EXPIRES.search(url)) is None:
        raise UrlInvalid
    return _time_of(found[1])


@lru_cache(64)
def _time_of(expires: str) -> datetime:
    """Return a time; few are in use, since expiries are multiples of half a lifetime."""
    return datetime.fromtimestamp(int(expires), UTC)


class SignedUrls:
    """Signs and verifies URLs with keyed BLAKE2b (RFC 7693); every process with the secret can do both."""

    def __init__(self, base_url: str, secret: bytes, expiry: timedelta) -> None:
        if not secret:
            raise ValueError("signing needs a secret")
        self._base_url = base_url.rstrip("/")
        key = blake2b(secret).digest()  # keys have 64 bytes at most, secrets any length
        self._keyed = blake2b(digest_size=32, key=key)  # a copy costs less than the key anew
        self._step = max(int(expiry.total_seconds() / 2), 1)
        self._signed = lru_cache(CACHED_URLS)(self._sign)

    def sign(
        self,
        method: str,
        key: str,
        now: datetime,
        *,
        mime_type: str = "",
        download_name: str = "",
        size: int | None = None,
    ) -> str:
        """Return a URL that is valid for between half the expiry and all of it; object keys need no escaping.

        Expiries are multiples of half the lifetime: an object keeps its URL for that long and caches hit.
        """
        expires = (int(now.timestamp()) // self._step + 2) * self._step
        return self._signed(method, key, expires, mime_type, download_name, size=size)

    def _sign(
        self, method: str, key: str, expires: int, mime_type: str, download_name: str, *, size: int | None
    ) -> str:
        query = f"method={method}&expires={expires}"
        query += f"&type={_quoted(mime_type)}" if mime_type else ""
        query += f"&name={_quoted(download_name)}" if download_name else ""
        query += "" if size is None else f"&size={size}"
        signature = self._signature(method, key, str(expires), mime_type, download_name, *_if_given(size))
        return f"{self._base_url}{OBJECTS_PATH}/{key}?{query}&signature={signature}"

    def verify(self, method: str, key: str, query: Mapping[str, str], now: datetime) -> Grant:
        """Return what a URL permits; a URL for `GET` permits `HEAD` as well.

        Raises:
            UrlInvalid: The signature does not match the method, key, type, size, name and expiry.
            UrlExpired: The signature is valid, but the URL has expired.
        """
        allowed = METHODS.get(method, "")
        fixed = (query.get(name, "") for name in ("expires", "type", "name"))
        expected = self._signature(allowed, key, *fixed, *_if_given(size := query.get("size")))
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
            size=int(size) if size is not None else None,
        )

    def _signature(self, *signed: str) -> str:
        keyed = self._keyed.copy()
        keyed.update(msgspec.json.encode(signed))
        return keyed.hexdigest()
