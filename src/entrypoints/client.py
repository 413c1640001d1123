"""The command line's client of the HTTP API."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import httpx

from adapters.http.clients import open_blocking_client
from domain.errors import MomentError
from entrypoints.draft_files import draft_of

TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
FETCH_TIMEOUT: Final = httpx.Timeout(150.0, connect=5.0)
"""The service may take two minutes to fetch a recording."""

POLL_SECONDS: Final = 0.25
OUTAGE_SECONDS: Final = 60.0
CHUNK: Final = 1 << 16
LAST_PORT: Final = 65_535

Status = dict[str, Any]


class ServiceUnreachable(MomentError):
    """No service responds at the API's URL."""

    code = "service_unreachable"


class ServiceRefused(MomentError):
    """The API responded with a problem; the message is the problem's."""

    code = "service_refused"

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        lines = [f"{error['pointer'] or '/'}: {error['message']}" for error in problem.get("errors", [])]
        detail = "; ".join(lines) or problem.get("detail") or f"the service responded with status {status}"
        super().__init__(detail, code=problem.get("code"))
        self.status = status


class Client:
    """A client of one API.

    Args:
        key: A key of the API; it is sent to the API alone, not to where signed URLs lead. Empty: none.
    """

    def __init__(self, url: str, http: httpx.Client, key: str = "") -> None:
        self._url = url.rstrip("/")
        self._http = http
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    @classmethod
    @contextmanager
    def open(cls, url: str, key: str = "") -> Iterator[Self]:
        """Yield a client.

        Raises:
            ServiceUnreachable: The URL is invalid, or nothing responded in the block.
        """
        _require_url(url)
        try:
            with open_blocking_client(timeout=TIMEOUT, follow_redirects=True) as http:
                yield cls(url, http, key)
        except httpx.HTTPError as error:
            hint = "is it running? `moment up` starts one, --api says where it is"
            raise ServiceUnreachable(f"{url} does not respond ({type(error).__name__}): {hint}") from error

    def create(self, file: Path, fields: dict[str, str], on_read: Callable[[int], None]) -> dict[str, Any]:
        """Send a recording; `on_read` receives the size of each block that is sent.

        Returns:
            The API's response: `job_id`, `warnings`.

        Raises:
            ServiceRefused: The API refused it.
        """
        with _ProgressFile(file, on_read) as content:
            return self._ask("POST", "/v1/create-moment", data=fields, files={"file": (file.name, content)})

    def create_from(self, url: str, fields: dict[str, str]) -> dict[str, Any]:
        """Let the service fetch a recording; return as `create` does. Raises `ServiceRefused`."""
        body = {"audio_url": url, **fields}
        return self._ask("POST", "/v1/create-moment", json=body, timeout=FETCH_TIMEOUT)

    def status(self, job_id: str) -> Status:
        """Return the status of a job.

        Raises:
            ServiceRefused: No job has this id, or the API is not ready.
        """
        return self._ask("GET", f"/v1/status/{job_id}")

    def follow(
        self, job_id: str, on_change: Callable[[Status], None], check: Callable[[], None] = lambda: None
    ) -> Status:
        """Poll until the job has ended and return its last status.

        Args:
            job_id: The job.
            on_change: Receives each status.
            check: Called before each poll; what it raises ends the wait.

        Raises:
            ServiceRefused: The API refused, or was not ready for a minute.
            ServiceUnreachable: It did not respond for a minute.
        """
        deadline = time.monotonic() + OUTAGE_SECONDS
        while True:
            check()
            try:
                status = self.status(job_id)
            except (ServiceRefused, httpx.TransportError) as error:
                if time.monotonic() > deadline or (isinstance(error, ServiceRefused) and error.status < 500):
                    raise
            else:
                deadline = time.monotonic() + OUTAGE_SECONDS
                on_change(status)
                if status["terminal"]:
                    return status
            time.sleep(POLL_SECONDS)

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        self._ask("POST", f"/v1/jobs/{job_id}/cancel")

    def download(self, url: str, out: Path) -> None:
        """Save the content of a URL; an incomplete file is removed.

        Raises:
            ServiceRefused: The response is an error.
        """
        draft = draft_of(out)
        try:
            with self._http.stream("GET", url) as answer, draft.open("wb") as file:
                if not answer.is_success:
                    raise ServiceRefused(answer.status_code, {})
                for chunk in answer.iter_bytes(CHUNK):
                    file.write(chunk)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)

    def _ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        return _document(self._http.request(method, self._url + path, headers=self._headers, **body))


class _ProgressFile(io.FileIO):
    """A file that reports how much of it was read."""

    def __init__(self, path: Path, on_read: Callable[[int], None]) -> None:
        super().__init__(path)
        self._on_read = on_read

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size)
        self._on_read(len(data))
        return data


def _require_url(url: str) -> None:
    if "://" not in url:
        raise ServiceUnreachable(f"{url} is not a URL: http:// or https:// is missing, as in http://{url}")
    try:
        parsed = httpx.URL(url)
        usable = bool(parsed.host) and (parsed.port or 0) <= LAST_PORT
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ServiceUnreachable(f"{url} is not a URL: {error}") from error
    if not usable:
        raise ServiceUnreachable(f"{url} is not a URL: it needs a host, and a port up to {LAST_PORT} if any")


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    if not answer.is_success or not isinstance(body, dict):
        raise ServiceRefused(answer.status_code, body if isinstance(body, dict) else {})
    return body
