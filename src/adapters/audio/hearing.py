"""A recording is heard once for all who need it: decoded once, and cleaned for the singer while it is transcribed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from adapters.audio.analysis.transcription import transcribe_recording
from adapters.audio.codecs.decoding import read_recording
from adapters.audio.side_by_side import side_by_side
from adapters.audio.voice.kept_voice import keep_voice
from application.ports.transcriber import Transcription


def hear(recording: Path, kept: Path | None) -> Transcription:
    """Return the notes of a recording; keep its pitch and its cleaned voice in a folder, if there is one.

    Raises:
        BadAudio: `hum_silent`, `hum_without_pitch`, and whatever `read_recording` raises.
    """
    decoded = read_recording(recording)
    transcribe = partial(transcribe_recording, decoded, recording, kept)
    if kept is None:
        return transcribe()
    found: list[Transcription] = []
    works: list[Callable[[], None]] = [
        lambda: found.append(transcribe()),
        partial(keep_voice, recording, kept, decoded),
    ]
    side_by_side(_call, works, len(decoded.samples))
    return found[0]


def _call(work: Callable[[], None]) -> None:
    work()
