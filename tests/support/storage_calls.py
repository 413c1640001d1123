"""Every call of an object store that reaches the server."""

from collections.abc import AsyncIterator, Awaitable, Callable

from application.ports.objects import ObjectStorage
from domain.jobs.artifacts import Artifact

MIB = 1024 * 1024

Call = Callable[[ObjectStorage], Awaitable[object]]


async def a_hum() -> AsyncIterator[bytes]:
    yield b"la la la"


async def a_long_hum() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield bytes(MIB)


CALLS: dict[str, Call] = {
    "put": lambda store: store.put("a", a_hum(), "audio/wav"),
    "put in parts": lambda store: store.put("a", a_long_hum(), "audio/wav"),
    "stat": lambda store: store.stat("a"),
    "first bytes": lambda store: store.first_bytes(Artifact(key="a", size=8, mime_type="audio/wav"), 4),
    "copy": lambda store: store.copy("a", "b"),
    "delete": lambda store: store.delete("a"),
    "list": lambda store: store.list_page("", 1),
    "ping": lambda store: store.ping(),
}
