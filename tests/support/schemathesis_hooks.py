"""What schemathesis cannot know of our API: what a recording is, and that waits cost time.

Loaded by the process that `tests/contract/test_schemathesis.py` starts.
"""

from typing import Any

import schemathesis

FORM = "multipart/form-data"
WAV = "RIFF\x24\x00\x00\x00WAVEfmt " + 100 * "\x00"
UNDERSTOOD = {"file": WAV, "blueprint_json": '{"style": "lofi", "tempo_bpm": 84}', "artifacts": "waveform_svg"}
NOWHERE = {"audio_url": "https://moment.invalid/hum.wav"}


def before_call(_context: Any, case: Any, options: dict[str, Any]) -> None:
    """Send a recording where the form is meant to be valid, fetch and wait for nothing, follow no redirect."""
    options["allow_redirects"] = False
    if "Prefer" in case.headers:
        case.headers["Prefer"] = "wait=0"
    is_new_moment = case.operation.label == "POST /v1/create-moment" and isinstance(case.body, dict)
    if is_new_moment and case.meta.generation.mode.is_positive:
        ours = NOWHERE | (UNDERSTOOD if case.media_type == FORM else {})
        leads_on = case.meta.phase.name.value == "stateful" and case.media_type == FORM
        case.body = {name: ours.get(name, value) for name, value in case.body.items() if name in ours or not leads_on}


schemathesis.hook(before_call)
