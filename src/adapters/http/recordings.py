"""Fetches recordings from URLs that strangers name: through the egress guard, and within limits of size and time."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Final

import anyio
import httpx
import msgspec

from adapters.http.egress import guarded_client
from adapters.toolkit.authorities import Authority
from application.ports.objects import Chunks
from application.ports.recording_fetcher import (
    AudioUrlNotAllowed,
    AudioUrlRefused,
    AudioUrlUnreachable,
    RecordingTooLarge,
)
from application.ports.transfers import UrlNotAllowed
from domain.http_refusals import lasts

MAX_REDIRECTS: Final = 5
HEADERS: Final = {"Accept": "audio/*, */*;q=0.5", "Accept-Encoding": "identity", "User-Agent": "main-character-moment"}
"""Bytes as they are: a compressed body could unpack to any size."""


class FetchTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long a server may take, in seconds.

    Attributes:
        connecting: For the connection.
        silence: Between two pieces of its response.
        total: For everything, redirects included.
    """

    connecting: float = 5.0
    silence: float = 10.0
    total: float = 120.0


class HttpRecordings:
    """Port `RecordingFetcher` over httpx.

    Args:
        allowed: Hosts that are reached although they are not public.
    """

    def __init__(self, allowed: Sequence[Authority], times: FetchTimes | None = None) -> None:
        self._allowed = allowed
        self._times = times or FetchTimes()

    @asynccontextmanager
    async def fetch(self, url: str, max_bytes: int) -> AsyncIterator[Chunks]:
        """Yield the content of a URL; nothing is remembered between two, not even a connection."""
        timeout = httpx.Timeout(self._times.silence, connect=self._times.connecting)
        async with guarded_client(self._allowed) as client:
            client.max_redirects = MAX_REDIRECTS
            with _explained(), anyio.fail_after(self._times.total):
                async with client.stream(
                    "GET", url, headers=HEADERS, timeout=timeout, follow_redirects=True
                ) as response:
                    _require_content(response, max_bytes)
                    yield _limited(response, max_bytes)


def _require_content(response: httpx.Response, max_bytes: int) -> None:
    _require_success(response)
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > max_bytes:
        raise RecordingTooLarge(max_bytes)


def _require_success(response: httpx.Response) -> None:
    status = response.status_code
    if lasts(status):
        raise AudioUrlRefused(f"the server of audio_url returned {status}")
    if status == HTTPStatus.PARTIAL_CONTENT:
        raise AudioUrlUnreachable("the server of audio_url sends only a part of it, which nobody asked for")
    if not response.is_success:
        raise AudioUrlUnreachable(f"the server of audio_url returned {status}")


async def _limited(response: httpx.Response, max_bytes: int) -> Chunks:
    size = 0
    with _explained():
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > max_bytes:
                raise RecordingTooLarge(max_bytes)
            yield chunk


@contextmanager
def _explained() -> Iterator[None]:
    """Raise the port's errors in place of the client's, whose texts may have more of the URL than a log should."""
    try:
        yield
    except UrlNotAllowed as error:
        raise AudioUrlNotAllowed(f"audio_url: {error.reason}") from error
    except httpx.TooManyRedirects as error:
        raise AudioUrlUnreachable(f"audio_url redirects more than {MAX_REDIRECTS} times") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise AudioUrlUnreachable("the server of audio_url is too slow") from error
    except httpx.UnsupportedProtocol as error:
        raise AudioUrlNotAllowed("audio_url leads to what is not http or https") from error
    except httpx.RemoteProtocolError as error:
        raise AudioUrlUnreachable("the server of audio_url broke off, or does not speak HTTP") from error
    except (httpx.InvalidURL, UnicodeError) as error:
        raise AudioUrlNotAllowed("audio_url leads to what is no URL") from error
    except httpx.HTTPError as error:
        raise AudioUrlUnreachable("the server of audio_url does not respond") from error
