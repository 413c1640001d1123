"""Renders and mixes a score's parts to the instrumental stem, as one array.

The order is that of a mixing desk: parts, chorus on the pitched ones, side-chain ducking by the kick, parallel
compression of the drums, reverb as a send, then saturation, tape, filters and vinyl noise on the sum. Without
saturation and noise, groups of parts do not change each other, so that they add up when each is rendered alone.
"""

import zlib
from typing import NamedTuple

import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo, sample_peak
from adapters.audio.instruments import PATCHES, Patches
from adapters.audio.instruments.player import Bus, Echo, play_part
from adapters.audio.instruments.signals import CONTROL_BLOCK, db_to_gain, raised_cosine_ramp
from adapters.audio.mix import dynamics, effects
from domain.music.instruments import InstrumentKind
from domain.music.score import Part, PartGroup, Score
from domain.music.space import Space

PEAK_DBFS = -3.0
_KICKS = frozenset({35, 36})
_ECHO_DB = (-11.0, -17.0, -23.0)
_END_FADE = 0.05
_FAINT = np.float32(1e-15)
"""What a group has in its silences: filters whose sound decays to denormal numbers take ten times longer."""


class BandMix(NamedTuple):
    """The instrumental stem, and the gain that its parts were given on their way into it."""

    stem: Stereo
    gain: float


def render_band(score: Score, patches: Patches = PATCHES) -> Stereo:
    """Return the instrumental stem: `duration + tail` seconds, peak −3 dBFS, ending in silence."""
    return mix_band(score, patches).stem


def mix_band(score: Score, patches: Patches = PATCHES) -> BandMix:
    """Return the instrumental stem as `render_band` does, with its gain."""
    mix = _mixed(score, score.parts, patches)
    levelled = _normalise(mix, 0.0)
    if not levelled:
        return BandMix(mix, 1.0)
    mix = _coloured(effects.soft_saturate(mix, 0.9), score)
    gain = levelled * _normalise(mix, PEAK_DBFS)
    if score.space.vinyl_db > -120:
        effects.add_vinyl_noise(mix, score.space.vinyl_db, _rng(score.seed, "vinyl"))
        gain *= _normalise(mix, PEAK_DBFS)
    return BandMix(_faded_out(mix), gain)


def render_group(score: Score, group: PartGroup, gain: float, patches: Patches = PATCHES) -> Stereo:
    """Return a group of parts as it is in the instrumental stem before saturation and vinyl noise.

    The groups add up to that, because all else is done to one group or is linear; kicks duck a group as they duck the
    band.

    Args:
        score: The score of the band.
        group: One of `score.groups`.
        gain: That of `mix_band`.
        patches: Who plays.
    """
    mix = _mixed(score, tuple(part for part in score.parts if part.group is group), patches)
    mix *= np.float32(gain)
    mix += _FAINT
    return _faded_out(_coloured(mix, score))


def _mixed(score: Score, parts: tuple[Part, ...], patches: Patches) -> Stereo:
    """Return some of a score's parts with their room, at the level at which instruments play."""
    length = round((score.duration + score.tail) * SAMPLE_RATE)
    dry, wet = np.zeros((2, length), np.float32), np.zeros((2, length), np.float32)
    if melodic := [part for part in parts if not part.instrument.is_kit]:
        _play_melodic(score, melodic, patches, dry, wet)
        if score.space.sidechain_db:
            for bus in (dry, wet):
                dynamics.apply_block_gains(bus, _sidechain(score, score.space.sidechain_db, length), CONTROL_BLOCK)
    if kits := [part for part in parts if part.instrument.is_kit]:
        _play_kits(score, kits, patches, dry, wet)
    return _with_reverb(dry, wet, score.space, score.seed)


def _play_melodic(score: Score, parts: list[Part], patches: Patches, dry: Stereo, wet: Stereo) -> None:
    space = score.space
    lush = np.zeros_like(dry) if space.chorus else dry
    for part in parts:
        target = dry if part.instrument.kind is InstrumentKind.BASS else lush
        echoes = _echoes(space.echo_beats * 60 / score.tempo_bpm) if part.name == score.lead else []
        play_part(part, _buses(part, target, wet), score.seed, echoes, patches)
    if lush is not dry:
        dry += effects.chorus(lush, space.chorus)


def _play_kits(score: Score, kits: list[Part], patches: Patches, dry: Stereo, wet: Stereo) -> None:
    drums = np.zeros_like(dry)
    for part in kits:
        play_part(part, _buses(part, drums, wet), score.seed, patches=patches)
    dynamics.compress_in_parallel(drums)
    dry += drums


def _buses(part: Part, dry: Stereo, wet: Stereo) -> tuple[Bus, Bus]:
    return Bus(dry, 1.0), Bus(wet, part.space)


def _echoes(delay: float) -> list[Echo]:
    """Return the echoes of the lead, alternating between the sides; none without a delay."""
    if not delay:
        return []
    return [Echo((index + 1) * delay, level, 0.6 * (-1) ** index) for index, level in enumerate(_ECHO_DB)]


def _sidechain(score: Score, depth_db: float, length: int) -> Floats:
    kits = [part for part in score.parts if part.instrument.is_kit]
    kicks = [note.start for part in kits for note in part.notes if note.pitch in _KICKS]
    return effects.sidechain_gains(length, kicks, depth_db, recovery=min(0.3, 0.6 * 60 / score.tempo_bpm))


def _with_reverb(dry: Stereo, wet: Stereo, space: Space, seed: int) -> Stereo:
    response = effects.room_impulse_response(
        space.reverb_seconds,
        predelay_ms=space.predelay_ms,
        damping_hz=space.damping_hz,
        rng=_rng(seed, "room"),
    )
    response *= np.float32(db_to_gain(space.reverb_db))
    effects.add_convolved(dry, wet, response)
    return dry


def _coloured(mix: Stereo, score: Score) -> Stereo:
    """Return a mix with tape and filters."""
    space = score.space
    if space.wow_cents or space.flutter_cents:
        mix = effects.wow_and_flutter(
            mix, wow_cents=space.wow_cents, flutter_cents=space.flutter_cents, rng=_rng(score.seed, "tape")
        )
    if space.low_pass_hz < 20_000:
        mix = effects.low_pass(mix, space.low_pass_hz)
    return effects.remove_rumble(mix)


def _faded_out(mix: Stereo) -> Stereo:
    ending = raised_cosine_ramp(round(_END_FADE * SAMPLE_RATE))[::-1]
    mix[:, -len(ending) :] *= ending[-mix.shape[1] :]
    return mix


def _normalise(mix: Stereo, peak_dbfs: float) -> float:
    """Scale to a sample peak in place; return the gain, 0 for silence."""
    peak = sample_peak(mix)
    if not peak:
        return 0.0
    gain = db_to_gain(peak_dbfs) / peak
    mix *= np.float32(gain)
    return gain


def _rng(seed: int, purpose: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(purpose.encode())])
