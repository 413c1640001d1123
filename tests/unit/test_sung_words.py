"""Sung lyrics, measured on what the real engine says: in tune, in time, words and no hum, clean, as loud as a hum.

Where no engine is installed, these tests skip; `REQUIRE_SPEECH=1` demands it.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray
from scipy import fft, signal

from adapters.audio.voice.diction import held_syllables
from adapters.audio.voice.singing import sing
from adapters.audio.voice.words import sing_words
from application.ports.speech import Speech
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.hum import Analysis
from domain.music.score import Score
from domain.music.sung import WordNote
from tests.support.hums import analysis_of, hum, random_melody, write_wav
from tests.support.pitch_measures import cents_off, features_of
from tests.support.speech import require_engine, said

RATE = 44100
LYRICS = "Twinkle twinkle little star\nHow I wonder what you are\nUp above the world so high\nLike a diamond in the sky"
VOICELESS = frozenset({"s", "t", "k", "p", "f", "\u0283"})
SEEDS = (2, 5)
Floats = NDArray[np.float64]


class Take(NamedTuple):
    """A piece with its words as they were said, its recording, and stems of the hum and of the words."""

    piece: Score
    speech: Speech
    recording: Path
    hummed: Path
    worded: Path

    @property
    def notes(self) -> list[WordNote]:
        return [note for line in self.piece.words for note in line.notes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("words")


@cache
def take(folder: Path, seed: int, mode: str) -> Take:
    """Return a random singer's hum, sung with words."""
    recording = hum(random_melody(seed), seed=seed, snr_db=30.0)
    analysis = analysis_of(recording)
    fixed = {"lyrics": LYRICS, "metadata": {"vocals": mode}}
    blueprint = complete(fixed, analysis, blueprint_id="b", kind=OutputKind.PREVIEW, voice_id="v", seed=5)
    piece, path = compose(brief_of(blueprint, OutputKind.PREVIEW)), folder / f"{seed}-{mode}"
    require_engine()  # before anything is left that a second try would meet
    path.mkdir()
    write_wav(path / "hum.wav", recording.samples)
    speech = said(piece, path)
    sing(path / "hum.wav", piece, path / "hummed.flac")
    sing(path / "hum.wav", piece, path / "worded.flac", speech=speech)
    return Take(piece, speech, path / "hum.wav", path / "hummed.flac", path / "worded.flac")


def mono(path: Path) -> Floats:
    samples, rate = soundfile.read(path, always_2d=True)
    assert rate == RATE
    return np.asarray(samples.mean(axis=1))


@pytest.mark.parametrize("mode", ["lyrics", "both"])
@pytest.mark.parametrize("seed", SEEDS)
def test_words_are_in_tune(folder: Path, seed: int, mode: str) -> None:
    sung = take(folder, seed, mode)
    off = cents_off(features_of(sung.worded), sung.notes)
    held = sum(max(0.0, note.duration - 0.1) for note in sung.notes)
    assert len(off) * 0.008 > 0.6 * held  # most of what is held is voiced
    assert np.median(off) <= 8
    assert np.mean(off <= 20) >= 0.85


@pytest.mark.parametrize("seed", SEEDS)
def test_vowels_begin_on_their_notes(folder: Path, seed: int) -> None:
    """After a voiceless consonant, the low band rises to a quarter of what follows where the vowel begins."""
    sung = take(folder, seed, "lyrics")
    dry = sing_words(sung.speech, sung.piece, round((sung.piece.duration + 1) * RATE))
    low = signal.sosfiltfilt(signal.butter(2, [80, 900], "band", fs=RATE, output="sos"), dry)
    level = np.sqrt(np.maximum(signal.fftconvolve(low**2, np.full(441, 1 / 441), "same"), 0))
    phones = [phone for line in sung.speech.lines for phone in line.phones]
    after_voiceless = {phone.start for before, phone in pairwise(phones) if before.symbol in VOICELESS}
    late = []
    for each in held_syllables(sung.piece.words, sung.speech.lines):
        around = level[max(0, round((each.start - 0.12) * RATE)) : round((each.start + 0.08) * RATE)]
        after = level[round(each.start * RATE) : round((each.start + 0.15) * RATE)].max()
        if each.said.vowel in after_voiceless and each.end - each.start > 0.3:
            late.append((np.flatnonzero(around < 0.25 * after)[-1] + 1 - len(around)) / RATE + 0.08)
    assert len(late) >= 4
    assert np.median(np.abs(late)) <= 0.025
    assert np.max(np.abs(late)) <= 0.06


def envelope(samples: Floats, rate: int, start: float, end: float) -> Floats:
    """Return 12 mel cepstra of a stretch, without the level: the shape of the mouth."""
    part = samples[round(start * rate) : round(end * rate)]
    hertz, power = signal.welch(part, rate, nperseg=min(len(part), 1024))
    centres = 700 * (10 ** (np.linspace(150, 2600, 28) / 2595) - 1)
    width = np.gradient(centres)
    weights = np.exp(-(((hertz[None] - centres[:, None]) / width[:, None]) ** 2))
    return np.asarray(fft.dct(np.log(weights @ power + 1e-12), norm="ortho")[1:13])


def test_sung_vowels_are_the_spoken_ones(folder: Path) -> None:
    """Of all spoken vowels, the one with the envelope nearest to a sung one is mostly its own kind."""
    sung = take(folder, 5, "lyrics")
    spoken = np.fromfile(sung.speech.file, np.int16).astype(np.float64)
    dry = sing_words(sung.speech, sung.piece, round((sung.piece.duration + 1) * RATE)).astype(np.float64)
    symbols = {phone.start: phone.symbol for line in sung.speech.lines for phone in line.phones}
    rows = []
    for each in held_syllables(sung.piece.words, sung.speech.lines):
        length = each.said.coda - each.said.vowel
        if each.end - each.start > 0.25 and length > 0.06:
            said_middle = (each.said.vowel + 0.3 * length, each.said.coda - 0.3 * length)
            middle = (each.start + 0.06, each.start + 0.5 * (each.end - each.start))
            rows.append(
                (
                    symbols[each.said.vowel],
                    envelope(spoken, sung.speech.rate, *said_middle),
                    envelope(dry, RATE, *middle),
                )
            )
    assert len(rows) >= 12
    said_shapes = np.stack([row[1] for row in rows])
    said_shapes = said_shapes - said_shapes.mean(axis=0)
    sung_shapes = np.stack([row[2] for row in rows])
    sung_shapes = sung_shapes - sung_shapes.mean(axis=0)
    kinds = [row[0] for row in rows]
    likeness = np.corrcoef(sung_shapes, said_shapes)[: len(rows), len(rows) :]
    right = np.mean([kinds[int(np.argmax(row))] == kind for row, kind in zip(likeness, kinds, strict=True)])
    chance = np.mean([kinds.count(kind) / len(kinds) for kind in kinds])
    assert right >= 0.7
    assert right >= 2 * chance
    assert np.median(np.diag(likeness)) >= 0.6


@pytest.mark.parametrize("mode", ["lyrics", "both"])
def test_words_are_no_hum(folder: Path, mode: str) -> None:
    """Consonants and vowels change the spectrum from moment to moment, and reach higher."""
    sung = take(folder, 2, mode)
    hummed, worded = (moving(mono(path)) for path in (sung.hummed, sung.worded))
    assert worded > 1.4 * hummed


def moving(samples: Floats) -> float:
    """Return how much the spectral envelope changes within 100 ms, in dB."""
    _, _, spectra = signal.stft(soxr.resample(samples, RATE, 16000), 16000, nperseg=512, noverlap=352)
    bands = np.abs(spectra[2:242]).reshape(24, 10, -1).sum(axis=1)
    loud = bands.sum(axis=0) > 0.1 * bands.sum(axis=0).max()
    shapes = 20 * np.log10(bands[:, loud] / bands[:, loud].sum(axis=0) + 1e-3)
    return float(np.abs(shapes[:, 10:] - shapes[:, :-10]).mean())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mode", ["lyrics", "both"])
def test_words_have_no_clicks_and_the_level_of_a_hum(folder: Path, seed: int, mode: str) -> None:
    sung = take(folder, seed, mode)
    hummed, worded = mono(sung.hummed), mono(sung.worded)
    assert len(hummed) == len(worded)
    assert np.isfinite(worded).all()
    assert abs(loudness(worded) - loudness(hummed)) <= 3
    assert np.abs(np.diff(worded, 2)).max() < 0.5 * np.abs(worded).max()
    assert np.abs(worded[-5:]).max() < 1e-5


def loudness(samples: Floats) -> float:
    """Return the level of what is sung, dB: blocks of 50 ms within 30 dB of the loudest."""
    power = np.square(samples[: len(samples) // 2205 * 2205]).reshape(-1, 2205).mean(axis=1)
    return float(10 * np.log10(power[power > power.max() * 1e-3].mean()))


def test_the_same_words_are_the_same_stem_and_a_hum_needs_no_words(folder: Path, tmp_path: Path) -> None:
    sung = take(folder, 2, "lyrics")
    again = said(sung.piece, tmp_path)
    assert again.file.read_bytes() == sung.speech.file.read_bytes()
    sing(sung.recording, sung.piece, tmp_path / "again.flac", speech=again)
    assert (tmp_path / "again.flac").read_bytes() == sung.worded.read_bytes()
    plain = msgspec.structs.replace(sung.piece, words=())
    sing(sung.recording, plain, tmp_path / "plain.flac")
    assert (tmp_path / "plain.flac").read_bytes() == sung.hummed.read_bytes()


@pytest.mark.parametrize("lyrics", ["1999 hmm shh mm", "strengths " * 30, "a", "l'été naïve Straße"])
def test_odd_words_do_not_break_the_singer(lyrics: str, folder: Path, tmp_path: Path) -> None:
    sung = take(folder, 2, "lyrics")
    blueprint = complete(
        {"lyrics": lyrics, "metadata": {"vocals": "both"}},
        Analysis(
            duration=9.0, tuning_cents=0.0, key="C", key_confidence=1.0, tempo_bpm=100.0, tempo_confidence=1.0,
            first_beat=0.0, notes=hum(random_melody(2), seed=2, snr_db=30.0).notes,
        ),
        blueprint_id="b", kind=OutputKind.PREVIEW, voice_id="v", seed=5,
    )  # fmt: skip
    piece = compose(brief_of(blueprint, OutputKind.PREVIEW))
    sing(sung.recording, piece, tmp_path / "odd.flac", speech=said(piece, tmp_path))
    samples = mono(tmp_path / "odd.flac")
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() > 0.01
