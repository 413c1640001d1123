"""Cursors of lists: a place in the list as opaque text, so that what comes meanwhile does not shift the pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from application.times import in_utc
from domain.errors import MomentError


class InvalidCursor(MomentError):
    """The cursor is none that a page returned."""

    code = "cursor_invalid"
    permanent = True

    def __init__(self) -> None:
        super().__init__("cursor must be the next_cursor of an earlier page")


class Place(Protocol):
    """A place in a list: a struct with the time of the job before it."""

    @property
    def at(self) -> datetime:
        """The time."""


P = TypeVar("P", bound=Place)


def write_cursor(place: Place) -> str:
    """Return a place as text."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(text: str, kind: type[P]) -> P:
    """Return the place of a cursor.

    Raises:
        InvalidCursor: It is none.
    """
    try:
        document = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        place = msgspec.json.decode(document, type=kind)
    except (ValueError, msgspec.MsgspecError):
        raise InvalidCursor from None
    if place.at.tzinfo is None or in_utc(place.at) != place.at:  # no job was accepted at the end of time
        raise InvalidCursor
    return place
