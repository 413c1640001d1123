"""What schemathesis cannot know of our API: what a recording is, and that waits cost time.

Loaded by the process that `tests/contract/test_schemathesis.py` starts.
"""

from typing import Any

import schemathesis

WAV = "RIFF\x24\x00\x00\x00WAVEfmt " + 100 * "\x00"
UNDERSTOOD = {"file": WAV, "blueprint_json": '{"style": "lofi", "tempo_bpm": 84}', "artifacts": "waveform_svg"}


def before_call(_context: Any, case: Any, options: dict[str, Any]) -> None:
    """Send a recording where the form is meant to be valid, wait for nothing and follow no redirect."""
    options["allow_redirects"] = False
    if "Prefer" in case.headers:
        case.headers["Prefer"] = "wait=0"
    is_form = case.operation.label == "POST /v1/create-moment" and isinstance(case.body, dict)
    if is_form and case.meta.generation.mode.is_positive:
        case.body = {name: UNDERSTOOD.get(name, value) for name, value in case.body.items()}


schemathesis.hook(before_call)
