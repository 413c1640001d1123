"""Renders the vocals stem: the hummer's own voice, corrected in pitch and time.

The recording is denoised, its notes are moved to the score's pitches and times with TD-PSOLA (`voice.psola`), and the
lead is joined by doubles and harmonies made from the same recording, with reverb and echo around them all.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from adapters.audio.analysis.kept_pitch import pitch_of
from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo, sample_peak
from adapters.audio.codecs.stems import write_stem
from adapters.audio.mix.effects import low_pass, wow_and_flutter
from adapters.audio.pictures import melody
from adapters.audio.voice import intonation, psola
from adapters.audio.voice.ambience import add_ambience
from adapters.audio.voice.cleaning import clean
from adapters.audio.voice.kept_voice import voice_of
from adapters.audio.voice.tracking import curve_of, track_pitch
from adapters.audio.voice.widening import widen
from adapters.audio.voice.words import sing_words
from application.ports.performers import MelodyPicture, StemReport
from application.ports.speech import Speech
from domain.music.score import Score
from domain.music.space import Space
from domain.music.sung import SungNote, VocalLine, VocalMode

_PEAK: Final = 10 ** (-3.2 / 20)
_FORMANT_SHIFT: Final = {"harmony": 0.4}
"""How far formants follow a pitch shift, 0..1. Harmonies are shifted far, and a hum has little but its fundamental."""

_DRIFT_CENTS: Final = {"double": 5.0, "harmony": 4.0}
_FADE: Final = 0.4
_TAPE: Final = 77  # a seed of its own
_OPEN_HZ: Final = 20_000.0
_WORDS_RMS: Final = 0.1
"""Level of the words where no lead is hummed: that of a hummed one."""

_CHUNK: Final = 1 << 16
_UNDER_WORDS_DB: Final = 4.0
"""How far the hum is taken back where both are sung: it warms the words, their consonants stay clear."""


def sing(
    recording: Path,
    score: Score,
    out: Path,
    *,
    speech: Speech | None = None,
    picture: MelodyPicture | None = None,
    kept: Path | None = None,
) -> StemReport:
    """Write the vocals stem, with words where they were spoken; see `application.ports.performers.Singer`.

    Args:
        recording: The hum.
        score: What to sing.
        out: The stem.
        speech: The words as they were spoken.
        picture: What to draw of the hum.
        kept: Where its pitch and its cleaned voice may be kept (`hearing`).

    Raises:
        BadAudio: When the recording cannot be decoded.
        EncodingFailed: When the disk refuses.
    """
    size = round((score.duration + score.tail) * SAMPLE_RATE)
    stem = np.zeros((2, size), dtype=np.float32)
    sung = any(line.notes for line in score.vocals)
    if sung or picture is not None:
        cleaned = voice_of(recording, kept)
        voice = psola.prepare(cleaned, SAMPLE_RATE, curve_of(pitch_of(recording, kept)))
        if sung:
            words = sing_words(speech, score, size) if speech else None
            stem = _render(voice, score, size, words)
        if picture is not None:
            heard = melody.HeardPitch(voice.curve.times, voice.curve.pitch, voice.curve.voiced)
            melody.draw(picture.analysis, heard, len(cleaned) / SAMPLE_RATE).save(picture.out)
    write_stem(stem, out)
    peak = sample_peak(stem)
    return StemReport(
        duration=size / SAMPLE_RATE,
        peak_dbfs=20 * float(np.log10(max(peak, 1e-6))),
        rendered_notes=sum(len(line.notes) for line in score.vocals),
    )


def analyze_voice(recording: Mono) -> psola.VoiceSource:
    """Return a recording at `SAMPLE_RATE` as a clean voice with its pitch marks."""
    return psola.prepare(clean(recording, SAMPLE_RATE), SAMPLE_RATE, track_pitch(recording))


def warm_up() -> None:
    """Load the model and run every code path once; about 0.4 s, once per process."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    source = analyze_voice((0.1 * np.sin(2 * np.pi * 220 * time)).astype(np.float32))
    line = VocalLine(role="harmony", notes=(SungNote(0.1, 0.5, 57.0, 0.1, 0.5, 1.0),))
    voice = np.empty(SAMPLE_RATE, np.float32)
    _sing_line(source, line, voice, np.random.default_rng(0))
    stem = widen(np.stack([voice, voice]))
    add_ambience(stem, Space(reverb_seconds=1.0, reverb_db=-12.0), 120.0, np.random.default_rng(0))


def _render(source: psola.VoiceSource, score: Score, size: int, words: Mono | None) -> Stereo:
    stem, choir, reference = _hummed(source, score, size, with_words=words is not None)
    if words is not None:
        _match_level(words, reference)
        _add_placed(stem, words, 0.0, 0.0)
    if choir.any():
        stem += widen(choir)
    del choir  # the room takes as much memory again
    add_ambience(stem, score.space, score.tempo_bpm, np.random.default_rng(score.seed))
    return _finish(_coloured(stem, score), score)


def _hummed(source: psola.VoiceSource, score: Score, size: int, *, with_words: bool) -> tuple[Stereo, Stereo, float]:
    """Return the lead with its doubles, the harmonies, and the RMS of the lead."""
    lead, choir = np.zeros((2, size), np.float32), np.zeros((2, size), np.float32)
    reference = _WORDS_RMS if with_words else 0.0
    voice = np.empty(size, np.float32)
    for index, line in _beside_words(score) if with_words else enumerate(score.vocals):
        _sing_line(source, line, voice, np.random.default_rng([score.seed, index]))
        if line.role == "lead":
            reference = _active_rms(voice)
        else:
            _match_level(voice, reference)
        _add_placed(choir if line.role == "harmony" else lead, voice, line.pan, line.gain_db)
    return lead, choir, reference


def _beside_words(score: Score) -> Iterator[tuple[int, VocalLine]]:
    """Yield what is hummed where words are sung, with the number of each line."""
    for index, line in enumerate(score.vocals):
        if score.vocal_mode is VocalMode.BOTH:
            yield index, msgspec.structs.replace(line, gain_db=line.gain_db - _UNDER_WORDS_DB)
        elif line.role == "harmony":
            yield index, line


def _add_placed(bus: Stereo, voice: Mono, pan: float, gain_db: float) -> None:
    angle = (pan + 1) * np.pi / 4
    sides = np.array([[np.cos(angle)], [np.sin(angle)]]) * 10 ** (gain_db / 20)
    for first in range(0, len(voice), _CHUNK):
        bus[:, first : first + _CHUNK] += voice[first : first + _CHUNK] * sides.astype(np.float32)


def _coloured(stem: Stereo, score: Score) -> Stereo:
    """Return the voice on the band's tape: with half its wow and flutter, and dark where the style is."""
    space = score.space
    if space.wow_cents or space.flutter_cents:
        rng = np.random.default_rng([score.seed, _TAPE])
        stem = wow_and_flutter(stem, wow_cents=space.wow_cents / 2, flutter_cents=space.flutter_cents / 2, rng=rng)
    return low_pass(stem, space.low_pass_hz) if space.low_pass_hz < _OPEN_HZ else stem


def _match_level(voice: Mono, reference: float) -> None:
    """Bring a backing voice to the lead's RMS, so that `gain_db` is relative to the lead whatever the pitch shift."""
    level = _active_rms(voice)
    if reference and level:
        voice *= np.float32(reference / level)


def _active_rms(voice: Mono) -> float:
    """Return the RMS of the blocks of 50 ms that are within 30 dB of the loudest one."""
    block = SAMPLE_RATE // 20
    power = np.square(voice[: len(voice) // block * block]).reshape(-1, block).mean(axis=1)
    sung = power[power > power.max(initial=0.0) * 1e-3]
    return float(np.sqrt(sung.mean())) if len(sung) else 0.0


def _sing_line(source: psola.VoiceSource, line: VocalLine, voice: Mono, rng: np.random.Generator) -> None:
    """Write a line of the score; pages of memory that were used before are the fastest."""
    voice.fill(0)
    breaths = intonation.split_phrases(line.notes)
    starts = [phrase[0].start for phrase in breaths] + [len(voice) / SAMPLE_RATE]
    ends = [0.0] + [phrase[-1].start + phrase[-1].duration for phrase in breaths]
    for index, phrase in enumerate(breaths):
        # Only the lead breathes in: doubles would repeat the same breath.
        before = starts[index] - ends[index] if line.role == "lead" else 0.0
        after = starts[index + 1] - ends[index + 1]
        breath, target = intonation.plan_phrase(phrase, source, before, after, _FORMANT_SHIFT.get(line.role, 0.0))
        target = _with_drift(target, _DRIFT_CENTS.get(line.role, 0.0), rng)
        psola.add_at(voice, psola.render(source, target, rng), round((starts[index] - breath) * SAMPLE_RATE))


def _with_drift(target: psola.Trajectory, cents: float, rng: np.random.Generator) -> psola.Trajectory:
    """Return the trajectory with a slow random drift of the pitch, so that doubled voices do not coincide."""
    time = np.arange(len(target.pitch)) * target.step
    wander = sum(np.sin(2 * np.pi * (f * time + rng.uniform())) for f in (0.31, 0.83, 1.7)) / 3
    return psola.Trajectory(
        target.step, target.source_time, target.pitch + cents / 100 * wander, target.gain, target.formant_ratio
    )


def _finish(stem: Stereo, score: Score) -> Stereo:
    stem *= np.float32(min(1.0, _PEAK / max(sample_peak(stem), 1e-9)))
    fade = min(int(_FADE * SAMPLE_RATE), int(score.tail * SAMPLE_RATE), stem.shape[1])
    if fade:
        stem[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    return stem
