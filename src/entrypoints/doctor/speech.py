"""The speech engine that says lyrics."""

import tempfile
from pathlib import Path
from typing import Final

from adapters.speech.espeak import EspeakSpeaker
from application.ports.speech import SpeechUnavailable, Wording
from entrypoints.doctor.report import ProbeResult, Report, Verdict
from entrypoints.settings import Settings

_FIX: Final = (
    "install it where music-tools run (Debian: `apt-get install espeak-ng`; or `pip install espeakng-loader` and "
    "MOMENT_SPEECH=espeakng-loader), or unset MOMENT_SPEECH; lyrics are hummed meanwhile"
)


async def check_speech(settings: Settings, report: Report) -> None:
    """Check that the engine speaks; without one, moments are made all the same."""
    if not settings.speech:
        unset = "MOMENT_SPEECH is not set here: without it, lyrics are hummed, with a warning"
        report.add("speech", ProbeResult(unset, Verdict.NOT_CONFIGURED))
        return

    async def speak() -> ProbeResult:
        with tempfile.TemporaryDirectory() as folder:
            speech = await EspeakSpeaker(settings.speech).speak([Wording(("hello",), 57.0)], Path(folder) / "speech")
        return ProbeResult(f"{settings.speech} speaks, {len(speech.lines[0].phones)} sounds in hello")

    await report.check("speech", speak, _explain)


def _explain(error: Exception) -> ProbeResult:
    what = str(error) if isinstance(error, SpeechUnavailable) else f"{type(error).__name__} {error}"
    return ProbeResult(what, Verdict.WARN, _FIX)
