"""Content Security Policies (W3C, CSP Level 3): a page runs what we wrote into it, and nothing that was added to it."""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

NAME: Final = "Content-Security-Policy"
NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
"""The policy of whatever is no page of ours."""

MEDIA: Final = "default-src 'none'; media-src 'self'; frame-ancestors 'none'"
"""The policy of a recording: a browser that opens one wraps it into a page of its own, and plays it there."""

SANDBOXED: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of a file that a browser takes for a document, such as SVG: opened, it runs nothing and has no origin."""

_INLINE: Final = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


def policy_of(page: str, *, media: Sequence[str] = (), own_files: bool = False) -> str:
    """Return the policy of a page of HTML: its inline styles and scripts by their hashes, requests to its own origin.

    Args:
        page: The page; its inline styles and scripts have tags without attributes.
        media: Other origins that its audio may come from.
        own_files: Whether it has files of styles, scripts and images, from our origin.
    """
    own = [(tag, "'self'") for tag in ("style", "script", "img") if own_files]
    inline = [*own, *((tag, _hash(text)) for tag, text in _INLINE.findall(page))]
    directives = {
        "default-src": ["'none'"],
        "style-src": [source for tag, source in inline if tag == "style"],
        "script-src": [source for tag, source in inline if tag == "script"],
        "img-src": [*(source for tag, source in inline if tag == "img"), "data:"],
        "connect-src": ["'self'", *media],
        "media-src": ["'self'", "blob:", *media],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items() if sources)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
