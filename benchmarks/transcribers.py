"""Methods of note transcription behind one signature: ours, and what others publish."""

import logging
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import swift_f0

from adapters.audio.analysis import pitch, spectrum, transcription
from adapters.audio.arrays import Mono
from benchmarks.note_scores import Notes
from domain.errors import BadAudio
from domain.music.hum import HummedNote

Transcriber = Callable[[Mono], Notes]

FRAME: Final = 256
"""Samples of a frame of SwiftF0's `segment_notes` at 16 kHz."""


def ours(samples: Mono) -> Notes:
    """Return what the service hears: samples at 16 kHz to a WAV file, and all of its own analysis."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hum.wav"
        soundfile.write(path, samples, spectrum.RATE, subtype="PCM_16")
        try:
            return transcription.transcribe(path).notes
        except BadAudio:
            return ()


def segmented(hold_ms: float) -> Transcriber:
    """Return SwiftF0 with its own `segment_notes` (Nieradzik 2025)."""

    def transcribe(samples: Mono) -> Notes:
        return _segments(pitch.detector().detect(_scaled(samples), spectrum.RATE, 60.0, 2000.0), hold_ms)

    return transcribe


def pyin(samples: Mono) -> Notes:
    """Return pYIN (Mauch & Dixon, ICASSP 2014) by librosa; it has no notes of its own: `segment_notes` makes them."""
    import librosa  # noqa: PLC0415 - may not be installed

    scaled = _scaled(samples)
    hertz, _, voiced = librosa.pyin(scaled, fmin=60, fmax=2000, sr=spectrum.RATE, frame_length=1024, hop_length=FRAME)
    level = librosa.feature.rms(y=scaled, frame_length=512, hop_length=FRAME)[0][: len(voiced)]
    unvoiced = np.isnan(hertz)
    contour = swift_f0.PitchResult(
        timestamps=np.arange(len(voiced)) * swift_f0.FRAME_PERIOD,
        pitch_hz=np.where(unvoiced, 100.0, hertz),
        confidence=np.where(unvoiced, np.minimum(voiced, 0.3), np.maximum(voiced, 0.55)),
        loudness_db=20 * np.log10(level + 1e-6),
    )
    return _segments(contour, 80.0)


def basic_pitch(samples: Mono) -> Notes:
    """Return Spotify's basic-pitch (Bittner et al., ICASSP 2022), its ONNX model, its settings, one voice or many."""
    logging.getLogger().setLevel(logging.ERROR)  # it warns of each runtime that it does without
    from basic_pitch.inference import predict  # noqa: PLC0415 - may not be installed

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hum.wav"
        soundfile.write(path, samples, spectrum.RATE, subtype="PCM_16")
        with redirect_stdout(StringIO()):  # it prints the name of the file
            _, _, events = predict(path, _basic_pitch_model())
    notes = (HummedNote(float(e[0]), float(e[1] - e[0]), float(e[2]), float(e[3])) for e in events if e[1] > e[0])
    return tuple(sorted(notes, key=lambda note: note.onset))


@cache
def _basic_pitch_model() -> Any:
    import basic_pitch as package  # noqa: PLC0415
    from basic_pitch.inference import Model  # noqa: PLC0415

    return Model(Path(package.__file__).parent / "saved_models" / "icassp_2022" / "nmp.onnx")


METHODS: Final[dict[str, tuple[Transcriber, str]]] = {
    "ours": (ours, "swift_f0"),
    "segment_notes 80 ms": (segmented(80.0), "swift_f0"),
    "segment_notes 120 ms": (segmented(120.0), "swift_f0"),
    "basic-pitch": (basic_pitch, "basic_pitch"),
    "pYIN": (pyin, "librosa"),
}
"""Every method, and the module without which it does not run."""


def installed(name: str) -> bool:
    """Return whether a method can run here."""
    return find_spec(METHODS[name][1]) is not None


def _scaled(samples: Mono) -> Mono:
    return samples * np.float32(0.5 / max(float(np.max(np.abs(samples))), 1e-9))


def _segments(contour: swift_f0.PitchResult, hold_ms: float) -> Notes:
    found = swift_f0.segment_notes(contour, pitch_hold_ms=hold_ms)
    return tuple(HummedNote(n.start, n.end - n.start, 69 + 12 * np.log2(n.pitch_hz / 440), 1.0) for n in found)
