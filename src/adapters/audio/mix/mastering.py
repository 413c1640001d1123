"""Mixes the stems and masters them: spectrum, bus compression, levels of the sections, limiting, loudness.

The target is −14 LUFS integrated (ITU-R BS.1770-4) and at most −1 dBTP, as streaming services recommend, measured on
the decoded file. Lossy codecs raise peaks and change loudness, so the file is decoded, measured and written again,
three times at most.
"""

import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec
import numpy as np
import numpy.typing as npt
import soundfile
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono, Stereo
from adapters.audio.codecs import encoding
from adapters.audio.codecs.stems import read_stem
from adapters.audio.mix import balance, dynamics, loudness
from adapters.audio.mix.effects import convolve
from adapters.audio.mix.section_colours import colour_sections
from adapters.audio.mix.section_levels import level_sections
from adapters.audio.mix.tilt import tilt
from adapters.audio.pictures import waveform
from adapters.audio.side_by_side import side_by_side
from adapters.toolkit.workspaces import Workspaces
from application.ports.mastering import MasterReport, MixPlan, SilentMix, WaveformPicture
from domain.jobs.output_formats import OutputFormat

Values = TypeVar("Values", bound=npt.NDArray[Any])

TARGET_LUFS: Final = -14.0
MAX_DBTP: Final = -1.0
_TOLERANCE_LU: Final = 0.25
_SILENT_LUFS: Final = -60.0
CODEC_HEADROOM_DB: Final = {True: 1.1, False: 0.1}
"""dB below the limit at which lossy and lossless files are first limited; see training/codec_headroom.py."""

_BY_LEVEL: Final = dynamics.Compressor(threshold_db=-13, ratio=2, block_ms=5, attack_ms=20, release_ms=160)
_BY_PEAKS: Final = dynamics.Compressor(threshold_db=-6, ratio=4, block_ms=1, attack_ms=1, release_ms=60)
_MAX_DRIVE_DB: Final = 40.0
_MAX_STEP_DB: Final = 8.0
_ATTEMPTS: Final = 3
_EXCERPT_SECONDS: Final = 36
_PIECE_SECONDS: Final = 4
_HOPS_PER_SECOND: Final = 10  # of `loudness.hop_energies`
_SAME_LENGTH: Final = 1.0  # seconds by which stems of a plan's own piece may differ from it
_RUMBLE_HZ: Final = 25.0
_RESPONSE: Final = 4096  # samples, after which a filter at 25 Hz rings 130 dB below the sound
_FADE_OUT: Final = 0.5
_FADE_IN: Final = 0.003


class _LimiterSettings(msgspec.Struct, frozen=True):
    drive_db: float
    ceiling_db: float


def master(
    vocals: Path | None,
    instrumental: Path,
    out: Path,
    output_format: OutputFormat,
    plan: MixPlan | None = None,
    *,
    picture: WaveformPicture | None = None,
) -> MasterReport:
    """Write the finished file; see `application.ports.mastering.MasteringDesk`.

    Raises:
        UnknownOutputFormat: For a format that is not in the port's list.
        StemUnreadable: For a stem that is no audio file.
        SilentMix: When the mix is silent.
        EncodingFailed: When the encoder fails or the file cannot be written.
    """
    encoding.mime_type(output_format)  # a wrong one is refused before any work
    mix, energies, plan = _mixed(vocals, instrumental, encoding.low_pass_hz(output_format), plan)
    report, decoded, rate = _finish(mix, energies, out, output_format)
    if picture is not None:
        shown = picture if plan is not None else waveform.without_form(picture)
        waveform.draw(shown, decoded, rate, report).save(picture.out)
    return report


def _mixed(
    vocals: Path | None, instrumental: Path, low_pass_hz: float, plan: MixPlan | None
) -> tuple[Stereo, Floats, MixPlan | None]:
    """Return the mix before limiting, its `hop_energies`, and its plan: none if the stems are of another piece."""
    mix = _mix(vocals, instrumental)
    band_pass = _band_pass(low_pass_hz)
    plan = plan if plan and abs(mix.shape[1] / SAMPLE_RATE - plan.seconds) < _SAME_LENGTH else None
    if plan is not None:
        mix = tilt(mix, plan.slope_db, plan.highest_hz, band_pass)
        colour_sections(mix, plan.sections)
    else:
        mix = convolve(mix, np.stack([band_pass] * 2))
    _fade(mix)  # the filter rings before the first sound, too
    _compress_bus(mix)
    return mix, level_sections(mix, plan.sections if plan else ()), plan


def _finish(mix: Stereo, energies: Floats, out: Path, output_format: OutputFormat) -> tuple[MasterReport, Stereo, int]:
    """Write the mix, limited to its loudness; return what the file measures, and its samples with their rate."""
    settings = _find_drive(mix, energies, MAX_DBTP - CODEC_HEADROOM_DB[encoding.is_lossy(output_format)])
    for _ in range(_ATTEMPTS):
        encoding.encode(_drive_into_limiter(mix, settings), out, output_format)
        decoded, rate = encoding.decode(out)
        lufs, peak = loudness.integrated(decoded, rate), loudness.true_peak(decoded)
        if abs(lufs - TARGET_LUFS) <= _TOLERANCE_LU and peak <= MAX_DBTP:
            break
        lower = max(0.0, peak - MAX_DBTP + 0.1) if peak > MAX_DBTP else 0.0
        drive = min(settings.drive_db + TARGET_LUFS - lufs, _MAX_DRIVE_DB)
        settings = _LimiterSettings(drive, settings.ceiling_db - lower)
    mime_type = encoding.mime_type(output_format)
    return MasterReport(decoded.shape[1] / rate, lufs, peak, mime_type), decoded, rate


def warm_up() -> None:
    """Run every code path once."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = (0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)
    with closing(Workspaces(Path(tempfile.gettempdir()))) as workspaces:  # does not stay behind if we are killed
        folder = workspaces.create()
        stem = folder / "stem"
        soundfile.write(stem, tone, SAMPLE_RATE, format="FLAC")
        master(stem, stem, folder / "out", "mp3_44100_128")


def _mix(vocals: Path | None, instrumental: Path) -> Stereo:
    stems = side_by_side(read_stem, [stem for stem in (vocals, instrumental) if stem is not None])
    return balance.mix_stems(*stems) if len(stems) == 2 else stems[0]


@cache
def _band_pass(low_pass_hz: float) -> Mono:
    """Return the response of what takes out rumble, and of the codec's low-pass, if it has one.

    What the codec would take out anyway is taken out beforehand, so that loudness and peaks stay the same after
    decoding.
    """
    response = signal.sosfilt(
        signal.butter(2, _RUMBLE_HZ, "highpass", fs=SAMPLE_RATE, output="sos"), signal.unit_impulse(_RESPONSE)
    )
    if low_pass_hz:
        response = signal.sosfilt(signal.ellip(6, 0.1, 50, low_pass_hz, fs=SAMPLE_RATE, output="sos"), response)
    return np.asarray(response, np.float32)


def _fade(mix: Stereo) -> None:
    rise, fall = min(int(_FADE_IN * SAMPLE_RATE), mix.shape[1]), min(int(_FADE_OUT * SAMPLE_RATE), mix.shape[1] // 2)
    mix[:, :rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    mix[:, mix.shape[1] - fall :] *= np.cos(np.linspace(0, np.pi / 2, fall, dtype=np.float32)) ** 2


def _compress_bus(mix: Stereo) -> None:
    """Bring the mix to −14 LUFS in place, then compress it twice: slowly by level, quickly by peaks.

    Raises:
        SilentMix: Below −60 LUFS.
    """
    lufs = loudness.integrated(mix, SAMPLE_RATE)
    if lufs < _SILENT_LUFS:
        raise SilentMix
    mix *= np.float32(10 ** ((TARGET_LUFS - lufs) / 20))
    dynamics.compress(mix, _BY_LEVEL)
    dynamics.compress(mix, _BY_PEAKS)


def _find_drive(mix: Stereo, energies: Floats, ceiling_db: float) -> _LimiterSettings:
    """Return the drive that brings the mix to −14 LUFS under the ceiling; a long mix is measured on excerpts."""
    excerpt = _excerpt(mix, _PIECE_SECONDS * SAMPLE_RATE)
    of_excerpt = _excerpt(energies[None], _PIECE_SECONDS * _HOPS_PER_SECOND)[0]
    target = TARGET_LUFS + loudness.gated_loudness(of_excerpt) - loudness.gated_loudness(energies)
    drive, gained, before, slope = 0.0, 0.0, 0.0, 1.0
    for _ in range(10):
        error = target - loudness.integrated(
            _drive_into_limiter(excerpt, _LimiterSettings(drive, ceiling_db)), SAMPLE_RATE
        )
        if abs(error) < 0.05:
            break
        # Under a limiter, a decibel of drive adds less than a decibel of loudness; the last step estimates the slope.
        if gained:
            slope = float(np.clip((before - error) / gained, 0.1, 1.0))
        gained, before = float(np.clip(error / slope, -_MAX_STEP_DB, _MAX_STEP_DB)), error
        drive = min(drive + gained, _MAX_DRIVE_DB)
    return _LimiterSettings(drive, ceiling_db)


def _excerpt(values: Values, piece: int) -> Values:
    """Return pieces of so many values from all over, shape (channels, n); all of them where they are few."""
    count, wanted = values.shape[1] // piece, _EXCERPT_SECONDS // _PIECE_SECONDS
    if count <= wanted:
        return values
    firsts = np.linspace(0, count - 1, wanted).astype(int) * piece
    return cast("Values", np.concatenate([values[:, first : first + piece] for first in firsts], axis=1))


def _drive_into_limiter(mix: Stereo, settings: _LimiterSettings) -> Stereo:
    """Return the mix driven into the soft clipper and the limiter."""
    ceiling = 10 ** (settings.ceiling_db / 20)
    finished = mix * np.float32(10 ** (settings.drive_db / 20))
    dynamics.soft_clip(finished, 1.25 * ceiling)
    dynamics.limit(finished, ceiling)
    return finished
