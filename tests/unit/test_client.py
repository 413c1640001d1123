"""The command line's client of the API: to whom it sends its key."""

from pathlib import Path

import httpx

from entrypoints.client import Client


def sent(key: str, folder: Path) -> list[tuple[str, str | None]]:
    """Return where a client asks, and what it authorises itself with."""
    seen: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers.get("authorization")))
        return httpx.Response(200, json={"job_id": "1"})

    (folder / "hum.wav").write_bytes(b"la")
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        client = Client("http://api", http, key)
        client.create(folder / "hum.wav", {}, lambda _: None)
        client.status("1")
        client.cancel("1")
        client.download("http://storage/final?signature=1", folder / "theme.mp3")
    return seen


def test_the_key_goes_to_the_api_alone(tmp_path: Path) -> None:
    assert sent("moment_x", tmp_path) == [("api", "Bearer moment_x")] * 3 + [("storage", None)]


def test_without_a_key_none_is_sent(tmp_path: Path) -> None:
    assert sent("", tmp_path) == [("api", None)] * 3 + [("storage", None)]
