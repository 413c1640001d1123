"""What anybody may read of an error: whoever has a job's id learns what to do, and nothing of where our parts run.

Operators see the errors as they were stored (`moment jobs`, the workers' logs).
"""

import re
from typing import Final

import msgspec

from domain.error_codes import CODES, foreign
from domain.errors import JobError
from domain.jobs.faults import FAULT_OF

ENDINGS: Final[frozenset[str]] = frozenset(
    {"attempts_exhausted", "breaks_tools", "deadline_exceeded", "deadline_passed", "expired", "worker_lost"}
)
"""Codes whose messages are sentences of our own, without anything that was met on the way."""

HIDDEN: Final = "…"
_INNER: Final = re.compile(
    r"""
    [a-z][a-z0-9+.-]*://[^\s'"<>]+                           # a URL
    | \[[0-9a-f:.]*:[\w:.%]*\](:\d+)?                        # an IPv6 address in brackets
    | (?<![\w.:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){5})[0-9a-f:.]{3,}(?![\w:])  # one without
    | \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b                   # an IPv4 address
    | (?<![\w.-])(?!\d{4}-\d\d-\d\dT\d\d:)(?=[\w.-]*[a-z])[\w.-]+:\d{2,5}\b  # host:port, but no time
    | \b[\w-]+(?:\.[\w-]+)*\.(?:internal|intranet|local|localdomain|localhost|lan|corp|svc|home|arpa)\b\.?
    | \blocalhost\b
    | (?<![\w./-])/(?:app|data|dev|etc|home|mnt|opt|private|proc|root|run|srv|tmp|Users|usr|var|work)/[^\s'"<>:,;)]*
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Addresses and paths. JSON pointers (`/sections/0`) stay: they are the musician's."""


def public_error(error: JobError) -> JobError:
    """Return why a job failed, as anybody may read it."""
    return msgspec.structs.replace(error, message=public_message(error.code, error.message))


def public_message(code: str, message: str) -> str:
    """Return one sentence for people about an error of this code.

    Errors about what the musician sent keep theirs; those about our parts get that of their code. A foreign tool's own
    error is shown, but no address or path in it.
    """
    known = CODES.get(foreign(code))
    if known is not None and not _is_ours_to_tell(code, permanent=known.permanent):
        return known.meaning
    return _INNER.sub(HIDDEN, message)


def _is_ours_to_tell(code: str, *, permanent: bool) -> bool:
    return code in ENDINGS or code == "tool_failed" or (permanent and code not in FAULT_OF)
