"""Renders the instrumental stem of a score, and its parts, to files."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Stereo, sample_peak
from adapters.audio.codecs.encoding import encode
from adapters.audio.codecs.stems import write_stem
from adapters.audio.instruments import PATCHES, Patches
from adapters.audio.mix import band_mix
from application.ports.performers import NO_PARTS, StemReport
from domain.jobs.artifacts import MediaType
from domain.music.instruments import Instrument
from domain.music.score import PartGroup, Score

_SILENCE_DBFS = -120.0


def play(score: Score, out: Path, parts: Mapping[PartGroup, Path] = NO_PARTS, patches: Patches = PATCHES) -> StemReport:
    """Render a score to a FLAC file of 24 bits, and its parts; see `application.ports.performers.Band`.

    Raises:
        EncodingFailed: A file could not be written.
    """
    stem, gain = band_mix.mix_band(score, patches)
    write_stem(stem, out)
    report = _report(score, stem)
    del stem  # a group takes as much memory again
    for group in (group for group in score.groups if group in parts):
        _write_part(band_mix.render_group(score, group, gain, patches), parts[group])
    return report


def _report(score: Score, stem: Stereo) -> StemReport:
    peak = sample_peak(stem)
    return StemReport(
        duration=stem.shape[1] / SAMPLE_RATE,
        peak_dbfs=max(20 * float(np.log10(max(peak, 1e-9))), _SILENCE_DBFS),
        rendered_notes=sum(len(part.notes) for part in score.parts),
    )


def _write_part(sound: Stereo, out: Path) -> None:
    if out.suffix == f".{MediaType.OPUS.suffix}":
        encode(sound, out, "opus_48000_128")
    else:
        write_stem(sound, out)


def warm_up() -> None:
    """Import everything and render one short note, so that the first request need not wait for it."""
    PATCHES[Instrument.PIANO].render_take(60, 0.8, SAMPLE_RATE // 10, np.random.default_rng(0))
