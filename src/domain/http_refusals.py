"""Answers of other servers that say no."""

from http import HTTPStatus
from typing import Final

PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""Client errors that are about the moment of the request: they pass by themselves (RFC 9110, 8470, 6585)."""


def lasts(status: int) -> bool:
    """Return whether a status refuses the request as it is, now and later."""
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING
