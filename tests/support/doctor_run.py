"""Runs the doctor over a configuration that tests make."""

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

UNREACHABLE = "http://127.0.0.1:1"
SECRET = "do-not-tell-anyone"
SECRETS = (SECRET, TOKEN, "test-secret", PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""))


class DoctorRun:
    """A configuration, and the doctor's findings on it. No report may contain a secret."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"MOMENT_DATA_DIR": str(folder / "data"), "PUBLIC_URL": UNREACHABLE}
        self.findings: dict[str, Finding] = {}

    def configure(self, **environment: str) -> None:
        self.environment |= environment

    def configure_storage(self, server: S3Server, bucket: str) -> None:
        self.configure(DO_SPACES_ENDPOINT=server.endpoint, DO_SPACES_KEY=server.key, DO_SPACES_SECRET=server.secret)
        self.configure(DO_SPACES_BUCKET=bucket)

    async def run(self, seconds: float = 5.0) -> dict[str, Finding]:
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
