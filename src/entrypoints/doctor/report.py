"""What was examined and what was found."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

import anyio
import msgspec

from domain.errors import MomentError
from entrypoints.doctor.redaction import Redactor


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    NOT_CONFIGURED = "not configured"


class ProbeResult(msgspec.Struct, frozen=True):
    """What a probe saw, in one line; `fix` says what to do about it."""

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
    """The findings about one part; several are written side by side.

    Attributes:
        findings: What was found so far; holds no secret.
        examining: The check that runs now, empty when none does.
        seconds: For each check, at most.
    """

    def __init__(self, redact: Redactor, seconds: float) -> None:
        self.findings: list[Finding] = []
        self.checking = ""
        self.seconds = seconds
        self._redact = redact

    def add(self, name: str, seen: ProbeResult) -> None:
        """Write down what was seen."""
        what = self._redact(" ".join(seen.what.split()))
        self.findings.append(Finding(name, seen.verdict, what, self._redact(seen.fix)))

    async def check(self, name: str, probe: Probe, explain: Explain) -> bool:
        """Run a probe and note what it saw, or what `explain` makes of its error; return whether to go on."""
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
            return msgspec.structs.replace(explain(error), what=f"no answer within {self.seconds:g} s")
        except Exception as error:  # noqa: BLE001 - a surprise in one check is a finding, and the others still count
            return explain(error)


def failed(error: Exception, fix: str) -> ProbeResult:
    """Return an error as a finding: our own speak for themselves, others are named."""
    what = error.message if isinstance(error, MomentError) else f"{type(error).__name__} {error}"
    return ProbeResult(what, Verdict.FAIL, fix)
