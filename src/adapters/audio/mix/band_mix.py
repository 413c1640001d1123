"""Renders and mixes a score's parts to the instrumental stem, as one array.

The order is that of a mixing desk: parts, chorus on the pitched ones, side-chain ducking by the kick, reverb as a
send, then saturation, tape, filters and vinyl noise on the sum.
"""

import zlib

import numpy as np

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.instruments.player import Bus, Echo, play_part
from adapters.audio.instruments.signals import db_to_gain, raised_cosine_ramp
from adapters.audio.mix import effects
from domain.music.instruments import InstrumentKind
from domain.music.model import Part, Score
from domain.music.space import Space

PEAK_DBFS = -3.0
_KICKS = frozenset({35, 36})
_ECHO_DB = (-11.0, -17.0, -23.0)
_END_FADE = 0.05


def render_band(score: Score) -> Stereo:
    """Return the instrumental stem: `duration + tail` seconds, peak −3 dBFS, ending in silence."""
    space = score.space
    length = round((score.duration + score.tail) * SAMPLE_RATE)
    dry, wet = np.zeros((2, length), np.float32), np.zeros((2, length), np.float32)
    melodic = [part for part in score.parts if not part.instrument.is_kit]
    kits = [part for part in score.parts if part.instrument.is_kit]
    _play_melodic(score, melodic, space, dry, wet)
    if space.sidechain_db:
        duck = _sidechain(score, kits, space.sidechain_db, length)
        dry *= duck
        wet *= duck
    for part in kits:
        play_part(part, _buses(part, dry, wet), score.seed)
    return _finish(_with_reverb(dry, wet, space, score.seed), space, score.seed)


def _play_melodic(score: Score, parts: list[Part], space: Space, dry: Stereo, wet: Stereo) -> None:
    lush = np.zeros_like(dry) if space.chorus else dry
    for part in parts:
        target = dry if part.instrument.kind is InstrumentKind.BASS else lush
        echoes = _echoes(space.echo_beats * 60 / score.tempo_bpm) if part.name == score.lead else []
        play_part(part, _buses(part, target, wet), score.seed, echoes)
    if lush is not dry:
        dry += effects.chorus(lush, space.chorus)


def _buses(part: Part, dry: Stereo, wet: Stereo) -> tuple[Bus, Bus]:
    return Bus(dry, 1.0), Bus(wet, part.space)


def _echoes(delay: float) -> list[Echo]:
    """Return the echoes of the lead, alternating between the sides; none without a delay."""
    if not delay:
        return []
    return [Echo((index + 1) * delay, level, 0.6 * (-1) ** index) for index, level in enumerate(_ECHO_DB)]


def _sidechain(score: Score, kits: list[Part], depth_db: float, length: int) -> Mono:
    kicks = [note.start for part in kits for note in part.notes if note.pitch in _KICKS]
    return effects.sidechain_gain(length, kicks, depth_db, recovery=min(0.3, 0.6 * 60 / score.tempo_bpm))


def _with_reverb(dry: Stereo, wet: Stereo, space: Space, seed: int) -> Stereo:
    response = effects.room_impulse_response(
        space.reverb_seconds,
        predelay_ms=space.predelay_ms,
        damping_hz=space.damping_hz,
        rng=_rng(seed, "room"),
    )
    response *= np.float32(db_to_gain(space.reverb_db))
    dry += effects.convolve(wet, response)
    return dry


def _finish(mix: Stereo, space: Space, seed: int) -> Stereo:
    if not _normalise(mix, 0.0):
        return mix
    mix = effects.soft_saturate(mix, 0.9)
    if space.wow_cents or space.flutter_cents:
        mix = effects.wow_and_flutter(
            mix, wow_cents=space.wow_cents, flutter_cents=space.flutter_cents, rng=_rng(seed, "tape")
        )
    if space.low_pass_hz < 20_000:
        mix = effects.low_pass(mix, space.low_pass_hz)
    mix = effects.remove_rumble(mix)
    _normalise(mix, PEAK_DBFS)
    if space.vinyl_db > -120:
        effects.add_vinyl_noise(mix, space.vinyl_db, _rng(seed, "vinyl"))
        _normalise(mix, PEAK_DBFS)
    ending = raised_cosine_ramp(round(_END_FADE * SAMPLE_RATE))[::-1]
    mix[:, -len(ending) :] *= ending[-mix.shape[1] :]
    return mix


def _normalise(mix: Stereo, peak_dbfs: float) -> bool:
    """Scale to a sample peak in place; return False for silence."""
    peak = max(float(mix.max(initial=0.0)), -float(mix.min(initial=0.0)))
    if peak > 0:
        mix *= np.float32(db_to_gain(peak_dbfs) / peak)
    return peak > 0


def _rng(seed: int, purpose: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(purpose.encode())])
