"""Connections to other machines: every part obeys the environment's proxies and certificate authorities alike."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.http.clients import open_blocking_client, open_client
from adapters.mcp.client import open_mcp_tools
from adapters.toolkit import certificates, proxies
from application.ports.objects import StorageUnavailable
from application.ports.tools import ToolsUnavailable
from tests.support.authority import Authority
from tests.support.http_proxy import HttpProxy, http_proxy
from tests.support.our_mcp_server import TOKEN, OurMcpServer
from tests.support.pipeline import in_pieces
from tests.support.s3 import S3Server, a_spaces_store, everything_in, with_a_bucket
from tests.support.serving import serving

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without proxies and authorities."""
    for name in (*VARIABLES, *map(str.lower, VARIABLES), *certificates.FILES, certificates.FOLDER):
        monkeypatch.delenv(name, raising=False)


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"la")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        pass


@pytest.fixture
def page() -> Iterator[str]:
    """Provide the URL of a server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def tls_page(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Provide the URL of a TLS server for `far.test`, and the file of its authority."""
    authority = Authority()
    (tmp_path / "authority.pem").write_bytes(authority.certificate)
    issued = authority.issue("far.test")
    (tmp_path / "server.pem").write_bytes(issued.certificate + issued.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path / "authority.pem"
        server.shutdown()


@pytest.fixture
def proxy(page: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpProxy]:
    """Provide a proxy that knows `far.test`, in force for everything."""
    with http_proxy({"far.test": page}) as running:
        monkeypatch.setenv("ALL_PROXY", running.url)
        yield running


async def test_a_client_goes_through_the_proxy_but_never_to_this_machine(proxy: HttpProxy, page: str) -> None:
    async with open_client() as client:
        assert (await client.get("http://far.test/")).text == "la"
        assert (await client.get(page)).text == "la"
        assert (await client.get(page.replace("127.0.0.1", "localhost"))).text == "la"
    with open_blocking_client() as blocking:
        assert blocking.get("http://far.test/").text == blocking.get(page).text == "la"
    assert proxy.requests == ["GET far.test"] * 2


async def test_authorities_of_the_environment_count_through_a_tunnel(
    tls_page: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = tls_page
    with http_proxy({"far.test:443": server}) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        async with open_client() as client:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.get("https://far.test/")
        for name in certificates.FILES:
            monkeypatch.setenv(name, str(authority))
            async with open_client() as client:
                assert (await client.get("https://far.test/")).text == "la"
            monkeypatch.delenv(name)
    assert proxy.requests == ["CONNECT far.test:443"] * 3


async def test_tools_and_store_go_through_the_tunnel_with_the_same_authorities(
    tls_page: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = tls_page
    with http_proxy({"far.test:443": server}) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        async with a_spaces_store(S3Server("https://far.test"), "bucket") as store:
            with pytest.raises(StorageUnavailable, match="501"):  # the page knows GET only, but it was trusted
                await store.ping()
        async with open_mcp_tools("https://far.test/mcp") as tools:
            with pytest.raises(ToolsUnavailable, match="501"):
                await tools.ping()
    assert set(proxy.requests) == {"CONNECT far.test:443"}


async def test_the_store_is_reached_through_the_proxy(moto: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_proxy({"198.51.100.7:9000": moto.endpoint}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with a_spaces_store(S3Server("http://198.51.100.7:9000")) as store:
            mine = await with_a_bucket(store)
            await mine.put("key", in_pieces(b"la"), "text/plain")
            assert await everything_in(mine) == {"key"}
        assert "PUT 198.51.100.7:9000" in proxy.requests
        before = len(proxy.requests)
        async with a_spaces_store(moto) as near:
            await with_a_bucket(near)
    assert len(proxy.requests) == before


async def test_the_tools_are_reached_through_the_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(OurMcpServer(tmp_path).app()) as base:
        with http_proxy({"tools.test": base}) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
            async with open_mcp_tools(f"{base}/mcp", TOKEN) as near:
                await near.ping()
            assert proxy.requests == []
            async with open_mcp_tools("http://tools.test/mcp", TOKEN) as far:
                await far.ping()
    assert set(proxy.requests) == {"POST tools.test"}


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("*", True),
        ("far.test", True),
        (".test", True),
        ("other.test, far.test", True),
        ("far.test:8443", False),
        ("ar.test", False),
    ],
)
def test_no_proxy_names_hosts(no_proxy: str, direct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (proxies.proxy_for("https://far.test/a") is None) is direct


def test_no_proxy_names_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8,fd00::/8")
    assert proxies.proxy_for("http://10.1.2.3:9000/x") is None
    assert proxies.proxy_for("http://[fd00::1]/x") is None
    assert proxies.proxy_for("http://11.1.2.3/x") == "http://proxy:3128"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "localhost", "api.localhost", "0.0.0.0"])  # noqa: S104
def test_this_machine_is_always_reached_directly(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy:3128")
    assert proxies.proxy_for(f"http://{host}:8000/x") is None


async def test_what_cannot_be_used_is_reported_and_ends_nothing(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://user:hush@10.0.0.1:1080")
    monkeypatch.setenv("HTTP_PROXY", "http://[")
    monkeypatch.setenv("SSL_CERT_FILE", "/not/there.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", __file__)
    monkeypatch.setenv("SSL_CERT_DIR", "/not/there")
    async with open_client() as client:
        assert (await client.get(page)).text == "la"
    with open_blocking_client() as blocking:
        assert blocking.get(page).text == "la"
    found = {
        problem.name: problem.reason for problem in (*proxies.unusable_proxies(), *certificates.unusable_authorities())
    }
    assert found.keys() == {"ALL_PROXY", "HTTP_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"}
    assert "SOCKS" in found["ALL_PROXY"]
    assert "cannot be read" in found["SSL_CERT_FILE"]
    assert "hush" not in str(found)
    assert [*proxies.proxies_in_force(), *certificates.authorities_in_force()] == []
    assert proxies.proxy_for("https://far.test") is None
    assert certificates.trusted_authorities().cert_store_stats()["x509_ca"] > 50


def test_a_folder_of_authorities_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert (
        certificates.trusted_authorities().cert_store_stats()["x509_ca"] == 0
    )  # read at the handshake, by hashed name
    assert [*proxies.proxies_in_force(), *certificates.authorities_in_force()] == ["SSL_CERT_DIR"]
