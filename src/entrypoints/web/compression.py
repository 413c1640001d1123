"""Responses in gzip (RFC 9110, section 8.4.1.3) for clients that take it."""

import re
from gzip import decompress
from typing import Any, Final

from litestar import Request, Response

_TAKEN: Final = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)", re.IGNORECASE)
"""gzip in `Accept-Encoding`, unless with the weight 0, which refuses it (section 12.5.3)."""


def respond_with(compressed: bytes, request: Request[Any, Any, Any], headers: dict[str, str], media_type: str) -> Any:
    """Return the response to a request.

    Args:
        compressed: The body in gzip, as it is kept in memory; whoever takes no gzip gets it without.
        headers: All but those of the encoding.
    """
    headers = {**headers, "Vary": "Accept-Encoding"}
    if not _TAKEN.search(request.headers.get("accept-encoding", "")):
        return Response(decompress(compressed), media_type=media_type, headers=headers)
    return Response(compressed, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
