"""The hummer's own voice, in tune and in time: PSOLA over the cleaned recording, doubled, harmonised, in a room."""

from pathlib import Path
from typing import Final

import numpy as np
import soxr
from scipy import fft, signal

from adapters.audio.analysis import pitch
from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.codecs.decoding import decode
from adapters.audio.codecs.encoding import encode
from adapters.audio.voice import intonation, psola
from adapters.audio.voice.cleaning import clean
from adapters.audio.voice.pitch_marks import pitch_curve
from adapters.audio.voice.vocal_space import surround
from application.ports.performers import StemReport
from domain.music.model import Score, SungNote, VocalLine
from domain.music.styles.registry import DEFAULT_STYLE, STYLES

_PEAK: Final = 10 ** (-3.2 / 20)
_FORMANTS: Final = {"harmony": 0.4}
"""How far formants follow the pitch; a hum's one strong resonance is its fundamental, and harmonies are far away."""

_DRIFT_CENTS: Final = {"double": 5.0, "harmony": 4.0}
_FADE: Final = 0.4
_LOWEST_HZ: Final = 60.0
_HIGHEST_HZ: Final = 1500.0
_THIN_HZ: Final = 500.0
_APART: Final = np.pi / 3


def sing(recording: Path, score: Score, out: Path) -> StemReport:
    """Write the vocals stem; see `application.ports.performers.Singer`.

    Raises:
        BadAudio: When the recording cannot be decoded.
        EncodingFailed: When the disk refuses.
    """
    size = round((score.duration + score.tail) * SAMPLE_RATE)
    stem = np.zeros((2, size), dtype=np.float32)
    if any(line.notes for line in score.vocals):
        stem = _perform(listen(decode(recording, SAMPLE_RATE)), score, size)
    encode(stem, out, "flac_44100")
    peak = float(np.abs(stem).max(initial=0.0))
    return StemReport(
        duration=size / SAMPLE_RATE,
        peak_dbfs=20 * float(np.log10(max(peak, 1e-6))),
        rendered_notes=sum(len(line.notes) for line in score.vocals),
    )


def listen(recording: Mono) -> psola.Source:
    """Return a recording at `SAMPLE_RATE` as a clean voice with its pitch marks.

    One look of 16 ms frames is enough here: the fundamental's own phase says the rest.
    """
    heard = soxr.resample(recording, SAMPLE_RATE, pitch.RATE)
    heard *= 0.5 / max(float(np.abs(heard).max()), 1e-6)  # the tracker takes what is quiet for silence
    track = pitch.detector().detect(heard, pitch.RATE, _LOWEST_HZ, _HIGHEST_HZ)
    curve = pitch_curve(track.timestamps, track.pitch_hz, track.confidence >= 0.5)
    return psola.prepare(clean(recording, SAMPLE_RATE), SAMPLE_RATE, curve)


def warm_up() -> None:
    """Load the model and touch every code path once; about 0.4 s, once per process."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    source = listen((0.1 * np.sin(2 * np.pi * 220 * time)).astype(np.float32))
    line = VocalLine(role="harmony", notes=(SungNote(0.1, 0.5, 57.0, 0.1, 0.5, 1.0),))
    voice = _sing_line(source, line, SAMPLE_RATE, np.random.default_rng(0))
    surround(_widened(np.stack([voice, voice])), STYLES[DEFAULT_STYLE].space, 120.0, np.random.default_rng(0))


def _perform(source: psola.Source, score: Score, size: int) -> Stereo:
    lead, choir = np.zeros((2, 2, size), dtype=np.float32)
    reference = 0.0
    for index, line in enumerate(score.vocals):
        voice = _sing_line(source, line, size, np.random.default_rng([score.seed, index]))
        if line.role == "lead":
            reference = _level(voice)
        else:
            _match(voice, reference)
        angle = (line.pan + 1) * np.pi / 4
        sides = np.array([np.cos(angle), np.sin(angle)]) * 10 ** (line.gain_db / 20)
        bus = choir if line.role == "harmony" else lead
        bus += voice * sides.astype(np.float32)[:, None]
    dry = lead + _widened(choir) if choir.any() else lead
    rng = np.random.default_rng(score.seed)
    stem = dry + surround(dry, STYLES[score.style].space, score.tempo_bpm, rng)
    return _finished(stem, score)


def _match(voice: Mono, reference: float) -> None:
    """Bring a backing voice to the lead's level: `gain_db` means what it says, however far the pitch was moved."""
    level = _level(voice)
    if reference and level:
        voice *= np.float32(reference / level)


def _widened(choir: Stereo) -> Stereo:
    """Return the harmonies thinned and turned apart in phase: wide on two loudspeakers, 6 dB softer on one.

    In the middle they would fuse with the lead: a tracker, like the ear, hears a lead and two harmonies in 3 : 4 : 5 as
    one voice two octaves lower.
    """
    thin = signal.butter(2, _THIN_HZ, "highpass", fs=SAMPLE_RATE, output="sos")
    choir = signal.sosfilt(thin, choir).astype(np.float32)
    middle = (choir[0] + choir[1]) / 2
    spectrum = fft.rfft(middle, fft.next_fast_len(len(middle), real=True))
    turned = fft.irfft(spectrum * np.complex64(-1j * np.sin(_APART)))[: len(middle)]
    return np.asarray(choir * np.float32(np.cos(_APART)) + np.stack([turned, -turned]))


def _level(voice: Mono) -> float:
    """Return the RMS of what is not rest."""
    block = SAMPLE_RATE // 20
    power = np.square(voice[: len(voice) // block * block]).reshape(-1, block).mean(axis=1)
    sung = power[power > power.max(initial=0.0) * 1e-3]
    return float(np.sqrt(sung.mean())) if len(sung) else 0.0


def _sing_line(source: psola.Source, line: VocalLine, size: int, rng: np.random.Generator) -> Mono:
    voice = np.zeros(size, dtype=np.float32)
    breaths = intonation.phrases(line.notes)
    starts = [phrase[0].start for phrase in breaths] + [size / SAMPLE_RATE]
    ends = [0.0] + [phrase[-1].start + phrase[-1].duration for phrase in breaths]
    for index, phrase in enumerate(breaths):
        # One intake of breath is enough for a choir of one.
        before = starts[index] - ends[index] if line.role == "lead" else 0.0
        after = starts[index + 1] - ends[index + 1]
        breath, plan = intonation.plan(phrase, source, before, after, _FORMANTS.get(line.role, 0.0))
        plan = _drifting(plan, _DRIFT_CENTS.get(line.role, 0.0), rng)
        _add(voice, psola.render(source, plan, rng), round((starts[index] - breath) * SAMPLE_RATE))
    return voice


def _drifting(plan: psola.Plan, cents: float, rng: np.random.Generator) -> psola.Plan:
    """Return the plan with a slow wander of the pitch: no two singers wander together."""
    time = np.arange(len(plan.pitch)) * plan.step
    wander = sum(np.sin(2 * np.pi * (f * time + rng.uniform())) for f in (0.31, 0.83, 1.7)) / 3
    return psola.Plan(plan.step, plan.heard, plan.pitch + cents / 100 * wander, plan.gain, plan.formant_ratio)


def _add(voice: Mono, phrase: Mono, at: int) -> None:
    first, last = max(at, 0), min(at + len(phrase), len(voice))
    if last > first:
        voice[first:last] += phrase[first - at : last - at]


def _finished(stem: Stereo, score: Score) -> Stereo:
    peak = float(np.abs(stem).max())
    stem *= min(1.0, _PEAK / max(peak, 1e-9))
    fade = min(int(_FADE * SAMPLE_RATE), int(score.tail * SAMPLE_RATE), stem.shape[1])
    if fade:
        stem[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    return stem
