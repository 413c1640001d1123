"""Server-sent events. Source: WHATWG HTML, "Server-sent events"."""

from typing import Final

import msgspec

EVENT_STREAM: Final = "text/event-stream"
RESUME_DELAY: Final = 1.0
"""Seconds before a stream is resumed, unless the server says otherwise."""


class Event(msgspec.Struct):
    """A server-sent event, possibly incomplete."""

    data: list[str] = []
    id: str = ""
    retry: float = RESUME_DELAY


class EventReader:
    """Splits a byte stream into events; only line feeds end lines, so U+2028 in a JSON string is safe."""

    def __init__(self) -> None:
        self._rest = b""
        self._event = Event()

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that this chunk completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        complete = []
        for line in lines:
            if (text := line.removesuffix(b"\r")) == b"":
                complete.append(self._event)
                self._event = Event(id=self._event.id, retry=self._event.retry)
            else:
                self._take(text.decode(errors="replace"))
        return complete

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._event.data = [*self._event.data, value]
        elif name == "id":
            self._event.id = value
        elif name == "retry" and value.isdecimal():
            self._event.retry = int(value) / 1000
