"""An HTTP proxy for tests, in threads: it knows hosts that no DNS knows, and what was asked of it."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65536
SECONDS = 20.0


class HttpProxy:
    """A running proxy.

    Attributes:
        url: Its URL.
        requests: `METHOD host:port` of each request, in order.
    """

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self._hosts = hosts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(SECONDS)
            head = b""
            while b"\r\n\r\n" not in head:
                if not (piece := client.recv(CHUNK)):
                    return
                head += piece
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            place = target if method == "CONNECT" else urlsplit(target).netloc
            self.requests.append(f"{method} {place}")
            self._forward(client, place, b"" if method == "CONNECT" else _for_server(head, target))

    def _forward(self, client: socket.socket, place: str, head: bytes) -> None:
        """Relay between a client and a host; a request whose head is known already begins with it."""
        if place not in self._hosts:
            client.sendall(b"HTTP/1.1 502 Unknown host\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        upstream = urlsplit(self._hosts[place])
        with socket.create_connection((upstream.hostname, upstream.port), SECONDS) as server:
            if head:
                server.sendall(head)
            else:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_relay, args=(server, client), daemon=True)
            back.start()
            _relay(client, server)
            back.join(SECONDS)


def _for_server(head: bytes, url: str) -> bytes:
    """Return the head of a request as a server takes it, and as the only one of its connection."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    rest = head.replace(url.encode(), path.encode(), 1)
    return rest.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def _relay(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(CHUNK):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def http_proxy(hosts: Mapping[str, str]) -> Iterator[HttpProxy]:
    """Run a proxy; `hosts` leads from `host` or `host:port` in URLs to the URLs of servers on this machine."""
    proxy = HttpProxy(hosts)
    try:
        yield proxy
    finally:
        proxy.stop()
