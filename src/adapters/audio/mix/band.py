"""Renders the instrumental stem of a score to a file."""

from pathlib import Path

import numpy as np
import soundfile

from adapters.audio.arrays import SAMPLE_RATE
from adapters.audio.instruments import PATCHES
from adapters.audio.mix import band_mix
from application.ports.performers import StemReport
from domain.music.instruments import Instrument
from domain.music.model import Score

_SILENCE_DBFS = -120.0


def play(score: Score, out: Path) -> StemReport:
    """Render a score to a FLAC file of 24 bits; see `application.ports.performers.Band`."""
    stem = band_mix.render_band(score)
    soundfile.write(out, stem.T, SAMPLE_RATE, format="FLAC", subtype="PCM_24", compression_level=0.2)
    peak = float(np.abs(stem).max(initial=0.0))
    return StemReport(
        duration=stem.shape[1] / SAMPLE_RATE,
        peak_dbfs=max(20 * float(np.log10(max(peak, 1e-9))), _SILENCE_DBFS),
        rendered_notes=sum(len(part.notes) for part in score.parts),
    )


def warm_up() -> None:
    """Import everything and render one short note, so that the first request need not wait for it."""
    PATCHES[Instrument.PIANO].render_take(60, 0.8, SAMPLE_RATE // 10, np.random.default_rng(0))
