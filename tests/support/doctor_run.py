"""Somebody for the doctor to see."""

from pathlib import Path
from urllib.parse import quote

from entrypoints.doctor.checkup import Checkup
from entrypoints.doctor.redaction import redactor
from entrypoints.doctor.rendering import as_json, as_lines
from entrypoints.doctor.report import Finding, Verdict
from entrypoints.settings import parse
from tests.support.database import PASSWORD
from tests.support.our_mcp_server import TOKEN
from tests.support.s3 import S3Server

NOBODY = "http://127.0.0.1:1"
HUSH = "do-not-tell-anyone"
SECRETS = (HUSH, TOKEN, "test-secret", PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""))


class DoctorRun:
    """What is configured, and the doctor's look at it. No report tells a secret."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"MOMENT_DATA_DIR": str(folder / "data"), "PUBLIC_URL": NOBODY}
        self.findings: dict[str, Finding] = {}

    def has(self, **environment: str) -> None:
        self.environment |= environment

    def stores_in(self, server: S3Server, bucket: str) -> None:
        self.has(DO_SPACES_ENDPOINT=server.endpoint, DO_SPACES_KEY=server.key, DO_SPACES_SECRET=server.secret)
        self.has(DO_SPACES_BUCKET=bucket)

    async def is_seen(self, seconds: float = 5.0) -> dict[str, Finding]:
        redact = redactor(self.environment, self.folder)
        found = await Checkup(parse(self.environment), redact, seconds).run()
        report = "\n".join([as_json(found), *as_lines(found)])
        assert not any(secret in report for secret in SECRETS)
        assert all(finding.fix for finding in found if finding.verdict in {Verdict.FAIL, Verdict.WARN})
        assert not any("\n" in finding.seen for finding in found)
        self.findings = {finding.name: finding for finding in found}
        assert len(self.findings) == len(found)
        return self.findings

    def verdicts(self, *names: str) -> list[str]:
        return [str(self.findings[name].verdict) for name in names]


def assert_failed(finding: Finding, seen: str, fix: str) -> None:
    assert finding.verdict is Verdict.FAIL
    assert seen in finding.seen
    assert fix in finding.fix
