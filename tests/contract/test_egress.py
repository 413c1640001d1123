"""The egress guard beneath `HttpTransfers`, over real sockets: names that change, redirects, certificates, a proxy."""

import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from anyio.streams.tls import TLSListener
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.http.egress import EgressGuard, guarded_client
from adapters.http.transfers import HttpTransfers
from adapters.toolkit.authorities import of_url, parse
from adapters.toolkit.kept_files import KeptFiles
from adapters.toolkit.workspaces import open_workspaces
from application.ports.transfers import TransferFailed, TransferInterrupted
from domain.errors import BadAudio
from domain.jobs.faults import Fault, fault_of
from tests.support.authority import Authority as CertificateAuthority
from tests.support.raw_server import raw_server
from tests.support.serving import serving

pytestmark = pytest.mark.anyio

LOOPBACK = "127.0.0.1"
ANOTHER = "127.0.0.2"
"""Another address of this machine; in these tests, one is public and the other is not."""


class Names:
    """A name server under an attacker's control: each name has a list of answers, the last one for ever."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        name = host.partition(".")[0]
        answers = self.answers[name]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def echo() -> Starlette:
    """A server that says what it was asked, and redirects to wherever it is told."""

    async def seen(request: Request) -> Response:
        body = {"host": request.headers["host"], "path": request.url.path, "body": (await request.body()).decode()}
        return Response(json.dumps(body), media_type="application/json")

    async def moved(request: Request) -> Response:
        return RedirectResponse(request.query_params["to"])

    return Starlette(
        routes=[Route("/moved", moved, methods=["GET"]), Route("/{rest:path}", seen, methods=["GET", "PUT"])]
    )


def guard(names: Names, *allowed: str, **options: Any) -> httpx.AsyncClient:
    """Return a client for which 127.0.0.1 is public, and nothing else is."""
    transport = EgressGuard(
        [parse(text) for text in allowed], resolve=names.resolve, permits=lambda address: address == LOOPBACK, **options
    )
    return httpx.AsyncClient(transport=transport, trust_env=False)


@asynccontextmanager
async def transfers_over(client: httpx.AsyncClient, folder: Path) -> AsyncIterator[HttpTransfers]:
    async with client, open_workspaces(folder) as workspaces:
        yield HttpTransfers(client, KeptFiles(folder / "output", 60.0), workspaces, chance=lambda: 0.0)


async def refused(transfers: HttpTransfers, url: str, folder: Path) -> TransferFailed:
    """Return the refusal of a download, which leaves no file."""
    out = folder / "out"
    with pytest.raises(TransferFailed) as down:
        await transfers.download(url, out, 10_000)
    assert not out.exists()
    return down.value


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0", "[::1]", "[::]"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254"),
        *("10.0.0.1", "192.168.0.1", "100.100.100.200", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1"),
        "user:secret@127.0.0.1",
    ],
)
async def test_inner_addresses_are_refused_however_they_are_written(host: str, tmp_path: Path) -> None:
    async with serving(echo()) as base, transfers_over(guarded_client([]), tmp_path) as transfers:
        url = f"http://{host}:{base.rpartition(':')[2]}/latest/meta-data?signature=hush"
        error = await refused(transfers, url, tmp_path)
        (tmp_path / "stem").write_bytes(b"stem")
        with pytest.raises(TransferFailed) as up:
            await transfers.upload(tmp_path / "stem", url, "audio/flac")
    assert (error.code, up.value.code) == ("url_not_allowed", "url_not_allowed")
    assert "EGRESS_ALLOWED_HOSTS" in error.message
    assert "secret" not in error.message
    assert "hush" not in error.message


@pytest.mark.parametrize(
    "host", ["0177.0.0.1", "localhost.", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127.0.0.1%00.test", "127。0。0。1"]
)
async def test_stranger_spellings_reach_nothing_either(host: str, tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with raw_server(answer) as (port, requests), transfers_over(guarded_client([]), tmp_path) as transfers:
        await refused(transfers, f"http://{host}:{port}/", tmp_path)
    assert requests == []


@pytest.mark.parametrize(
    ("url", "place", "hinted"),
    [
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000", True),
        ("http://localhost/a", "localhost:80", True),
        ("http://[::1]:8000/a", "[::1]:8000", True),
        ("http://10.0.0.1:8000/a", "10.0.0.1:8000", False),
    ],
)
async def test_a_refusal_names_the_place_and_the_setting(url: str, place: str, hinted: bool, tmp_path: Path) -> None:
    async with transfers_over(guarded_client([]), tmp_path) as transfers:
        error = await refused(transfers, url, tmp_path)
    assert error.message.startswith(f"{place} is not public")
    assert ("PUBLIC_URL" in error.message) == hinted


async def test_a_refusal_does_not_say_what_a_name_resolves_to(tmp_path: Path) -> None:
    names = Names(inner=[[ANOTHER]])
    async with transfers_over(guard(names), tmp_path) as transfers:
        error = await refused(transfers, "http://inner.test/", tmp_path)
    assert "inner.test:80 is not public" in error.message
    assert ANOTHER not in error.message
    assert "PUBLIC_URL" not in error.message  # that would tell a loopback address


async def test_one_inner_address_among_public_ones_is_enough(tmp_path: Path) -> None:
    names = Names(mixed=[[LOOPBACK, ANOTHER]])
    async with serving(echo()) as base, transfers_over(guard(names), tmp_path) as transfers:
        error = await refused(transfers, base.replace(LOOPBACK, "mixed.test"), tmp_path)
    assert error.code == "url_not_allowed"


async def test_the_address_that_was_checked_is_the_one_that_is_reached(tmp_path: Path) -> None:
    """The name resolves to a public address once, and to an inner one ever after (DNS rebinding)."""
    names = Names(rebound=[[LOOPBACK], [ANOTHER]])
    async with serving(echo()) as base, transfers_over(guard(names), tmp_path) as transfers:
        url = base.replace(LOOPBACK, "rebound.test")
        await transfers.download(f"{url}/first", tmp_path / "first", 10_000)
        assert json.loads((tmp_path / "first").read_bytes())["host"] == url.removeprefix("http://")
        assert names.asked == ["rebound.test"]
        error = await refused(transfers, f"{url}/second", tmp_path)
    assert error.code == "url_not_allowed"
    assert names.asked == ["rebound.test"] * 2


async def test_a_retry_is_checked_again(tmp_path: Path) -> None:
    unavailable = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    names = Names(rebound=[[LOOPBACK], [ANOTHER]])
    async with raw_server(unavailable) as (port, requests), transfers_over(guard(names), tmp_path) as transfers:
        error = await refused(transfers, f"http://rebound.test:{port}/", tmp_path)
    assert error.code == "url_not_allowed"
    assert len(requests) == 1


@pytest.mark.parametrize("target", ["http://inner.test:{port}/x", "//inner.test:{port}/x", "http://127.0.0.2:{port}/x"])
async def test_every_redirect_is_checked(target: str, tmp_path: Path) -> None:
    names = Names(outer=[[LOOPBACK]], inner=[[ANOTHER]], **{"127": [[ANOTHER]]})
    async with serving(echo()) as base, transfers_over(guard(names), tmp_path) as transfers:
        port = base.rpartition(":")[2]
        start = f"http://outer.test:{port}/moved"
        error = await refused(transfers, f"{start}?to={target.format(port=port)}", tmp_path)
        await transfers.download(f"{start}?to=http://outer.test:{port}/y", tmp_path / "moved", 10_000)
    assert error.code == "url_not_allowed"
    assert json.loads((tmp_path / "moved").read_bytes())["path"] == "/y"


async def test_no_redirect_leads_to_another_scheme(tmp_path: Path) -> None:
    async with serving(echo()) as base, transfers_over(guard(Names(outer=[[LOOPBACK]])), tmp_path) as transfers:
        start = base.replace(LOOPBACK, "outer.test")
        with pytest.raises(TransferInterrupted):
            await transfers.download(f"{start}/moved?to=file:///etc/passwd", tmp_path / "out", 10_000)


async def test_an_upload_follows_no_redirect(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 307 Away\r\nLocation: http://inner.test/\r\nContent-Length: 0\r\n\r\n"
    names = Names(outer=[[LOOPBACK]])
    (tmp_path / "stem").write_bytes(b"stem")
    async with raw_server(answer) as (port, _), transfers_over(guard(names), tmp_path) as transfers:
        with pytest.raises(TransferFailed, match="307"):
            await transfers.upload(tmp_path / "stem", f"http://outer.test:{port}/", "audio/flac")
    assert names.asked == ["outer.test"]


async def test_what_the_operator_allows_is_reached_by_its_name_and_port_alone(tmp_path: Path) -> None:
    async with serving(echo()) as base, serving(echo()) as other:
        client = guarded_client([of_url(base)])
        async with transfers_over(client, tmp_path) as transfers:
            await transfers.download(f"{base}/mine", tmp_path / "mine", 10_000)
            for url in (f"{other}/x", base.replace(LOOPBACK, "localhost")):
                assert (await refused(transfers, url, tmp_path)).code == "url_not_allowed"
    assert json.loads((tmp_path / "mine").read_bytes())["path"] == "/mine"


async def test_an_international_name_is_the_same_in_both_forms(tmp_path: Path) -> None:
    names = Names(**{"xn--msik-0ra": [[ANOTHER]]})
    async with transfers_over(guard(names), tmp_path) as transfers:
        assert (await refused(transfers, "http://müsik.test/", tmp_path)).code == "url_not_allowed"
    async with transfers_over(guard(names, "müsik.test"), tmp_path) as transfers:
        error = await refused(transfers, "http://müsik.test:9/", tmp_path)
    assert error.code == "transfer_interrupted"  # allowed, though there is no such host


async def test_a_body_is_sent_once_to_the_first_address_that_accepts(tmp_path: Path) -> None:
    names = Names(several=[["127.0.0.3", "127.0.0.4", LOOPBACK]])
    transport = EgressGuard([], resolve=names.resolve, permits=lambda _: True)
    client = httpx.AsyncClient(transport=transport, trust_env=False)
    async with serving(echo()) as base, client:
        url = base.replace(LOOPBACK, "several.test")

        async def body() -> AsyncIterator[bytes]:
            yield b"once"

        response = await client.put(f"{url}/put", content=body())
    assert response.json() == {"host": url.removeprefix("http://"), "path": "/put", "body": "once"}


async def test_a_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    authority = CertificateAuthority()
    issued = authority.issue("music.test")
    (tmp_path / "pem").write_bytes(issued.certificate + issued.key)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(tmp_path / "pem")
    server_names: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: server_names.append(name)
    trust = ssl.create_default_context(cadata=authority.certificate.decode())

    async def answer(stream: Any) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    listener = await anyio.create_tcp_listener(local_host=LOOPBACK)
    async with TLSListener(listener, server, standard_compatible=False) as secure, anyio.create_task_group() as group:
        group.start_soon(secure.serve, answer)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        async with guard(Names(music=[[LOOPBACK]], evil=[[LOOPBACK]]), authorities=lambda: trust) as client:
            assert (await client.get(f"https://music.test:{port}/")).text == "ok"
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await client.get(f"https://evil.test:{port}/")
        group.cancel_scope.cancel()
    assert server_names == ["music.test", "evil.test"]


async def test_behind_a_proxy_names_are_checked_before_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nmusic"
    names = Names(outer=[[LOOPBACK]], inner=[[ANOTHER]])
    async with raw_server(answer) as (port, requests), serving(echo()) as own:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        client = guard(names, own.removeprefix("http://"))
        async with transfers_over(client, tmp_path) as transfers:
            await transfers.download("http://outer.test/hum", tmp_path / "hum", 10_000)
            await transfers.download(f"{own}/direct", tmp_path / "direct", 10_000)
            assert (await refused(transfers, "http://inner.test/", tmp_path)).code == "url_not_allowed"
    assert (tmp_path / "hum").read_bytes() == b"music"
    assert [request.split(b"\r\n")[0] for request in requests] == [b"GET http://outer.test/hum HTTP/1.1"]
    assert json.loads((tmp_path / "direct").read_bytes())["path"] == "/direct"


async def test_a_name_that_does_not_exist_may_exist_later(tmp_path: Path) -> None:
    async with transfers_over(guarded_client([]), tmp_path) as transfers:
        error = await refused(transfers, "http://nobody.invalid/", tmp_path)
    assert error.code == "transfer_interrupted"


async def test_limits_hold_behind_the_guard(tmp_path: Path) -> None:
    async with serving(echo()) as base, transfers_over(guard(Names(outer=[[LOOPBACK]])), tmp_path) as transfers:
        with pytest.raises(BadAudio, match="larger"):
            await transfers.download(base.replace(LOOPBACK, "outer.test"), tmp_path / "out", 3)


async def test_a_refusal_of_our_own_urls_is_no_fault_of_a_job(tmp_path: Path) -> None:
    """music-tools that does not know a private store refuses its signed URLs: jobs wait, and no error counts."""
    async with transfers_over(guarded_client([]), tmp_path) as transfers:
        error = await refused(transfers, "http://127.0.0.1:9000/bucket/hum", tmp_path)
    assert (fault_of(error), error.permanent) == (Fault.OUTAGE, False)
