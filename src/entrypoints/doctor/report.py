"""The results of checks."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

import anyio
import msgspec

from domain.errors import MomentError
from entrypoints.doctor.redaction import Redactor


class Verdict(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    NOT_CONFIGURED = "not configured"


class ProbeResult(msgspec.Struct, frozen=True):
    """The result of a probe: one line, and how to fix it if it is not fine."""

    what: str
    verdict: Verdict = Verdict.OK
    fix: str = ""


class Finding(msgspec.Struct, frozen=True):
    """A check's line in the report."""

    name: str
    verdict: Verdict
    seen: str
    fix: str


Probe = Callable[[], Awaitable[ProbeResult]]
Explain = Callable[[Exception], ProbeResult]


class Report:
    """The findings about one part; the parts are checked concurrently.

    Attributes:
        findings: The findings so far, without secrets.
        checking: The name of the running check, or empty.
        seconds: The time-out of each check.
    """

    def __init__(self, redact: Redactor, seconds: float) -> None:
        self.findings: list[Finding] = []
        self.checking = ""
        self.seconds = seconds
        self._redact = redact

    def add(self, name: str, seen: ProbeResult) -> None:
        """Add a finding."""
        what = self._redact(" ".join(seen.what.split()))
        self.findings.append(Finding(name, seen.verdict, what, self._redact(seen.fix)))

    async def check(self, name: str, probe: Probe, explain: Explain) -> bool:
        """Run a probe and add its result, or what `explain` makes of its error; return whether it did not fail."""
        self.checking = name
        seen = await self._seen(probe, explain)
        self.checking = ""
        self.add(name, seen)
        return seen.verdict is not Verdict.FAIL

    async def _seen(self, probe: Probe, explain: Explain) -> ProbeResult:
        try:
            with anyio.fail_after(self.seconds):
                return await probe()
        except TimeoutError as error:
            return msgspec.structs.replace(explain(error), what=f"no response within {self.seconds:g} s")
        except Exception as error:  # noqa: BLE001 - an unexpected error is a finding; the other checks go on
            return explain(error)


def failed(error: Exception, fix: str) -> ProbeResult:
    """Return an error as a failed result; errors that are not ours are named by their type."""
    what = error.message if isinstance(error, MomentError) else f"{type(error).__name__} {error}"
    return ProbeResult(what, Verdict.FAIL, fix)
