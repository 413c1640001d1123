"""Whose fault an error is, which decides what becomes of the job."""

from enum import StrEnum
from typing import Final

from domain.error_codes import Code
from domain.errors import MomentError


class Fault(StrEnum):
    """Whose fault an error is. Only the first and the last can fail a job."""

    INPUT = "input"
    """What the musician sent cannot become music: the job fails at once."""
    CONFIGURATION = "configuration"
    """We are misconfigured, or our parts do not fit together: the job waits, once a probe has confirmed it."""
    OUTAGE = "outage"
    """Something that the job needs is away or busy: the job waits."""
    JOB = "job"
    """This job's own failure: it is tried again a few times."""


FAULT_OF: Final[dict[Code, Fault]] = {
    "tools_denied": Fault.CONFIGURATION,
    "tool_missing": Fault.CONFIGURATION,
    "tool_not_offered": Fault.CONFIGURATION,
    "unknown_tool": Fault.CONFIGURATION,
    "invalid_arguments": Fault.CONFIGURATION,
    "provider_denied": Fault.CONFIGURATION,
    "provider_quota": Fault.CONFIGURATION,
    "voice_misconfigured": Fault.CONFIGURATION,
    "result_unreachable": Fault.CONFIGURATION,
    "storage_denied": Fault.CONFIGURATION,
    "wrong_bucket": Fault.CONFIGURATION,
    "tools_unavailable": Fault.OUTAGE,
    "tools_busy": Fault.OUTAGE,
    "tools_lost": Fault.OUTAGE,
    "provider_busy": Fault.OUTAGE,
    "provider_unavailable": Fault.OUTAGE,
    "transfer_interrupted": Fault.OUTAGE,
    "url_not_allowed": Fault.OUTAGE,  # only our own URLs get here: music-tools does not know the store
    "storage_unavailable": Fault.OUTAGE,
    "database_unavailable": Fault.OUTAGE,
    "schema_outdated": Fault.CONFIGURATION,
    "result_invalid": Fault.JOB,
    "stem_unreadable": Fault.JOB,
    "silent_mix": Fault.JOB,
    "unknown_output_format": Fault.JOB,
}
"""Codes that say nothing about the musician's recording and request, though a tool may call them permanent: to it, our
stems and our choice of a format are input as well."""


def fault_of(error: MomentError) -> Fault:
    """Return whose fault an error seems to be, before anything is probed."""
    return FAULT_OF.get(error.code, Fault.INPUT if error.permanent else Fault.JOB)
