"""Two encoders make the halves of a song, and nobody hears where they meet."""

import io
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import soundfile

from adapters.audio import side_by_side
from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.codecs import encoding, mp3, mp3_seam
from adapters.audio.codecs.mp3_seam import COMMON, FRAME, STEP

WINDOW = SAMPLE_RATE // 20


@pytest.fixture(scope="module")
def song() -> Stereo:
    """Sixty-four seconds of tones and strokes."""
    rng, time = np.random.default_rng(5), np.arange(64 * SAMPLE_RATE) / SAMPLE_RATE
    tones = np.sin(2 * np.pi * np.array([[220.0], [331.0]]) * time * (1 + time // 2 % 4))
    strokes = rng.standard_normal((2, len(time))) * np.exp(-8 * (time % 0.5))
    return np.asarray(0.2 * tones + 0.1 * strokes, np.float32)


@pytest.mark.parametrize("bit_rate", [128_000, 192_000, 320_000])
def test_the_seam_is_not_heard(bit_rate: int, song: Stereo, tmp_path: Path) -> None:
    halves, whole = mp3.encode_mp3(song, bit_rate), _whole(song, bit_rate)
    assert halves != whole
    assert len(halves) == len(whole)
    joined, single = _decoded(halves, tmp_path), _decoded(whole, tmp_path)
    assert joined.shape == song.shape
    start = song.shape[1] // FRAME // 2 // STEP * STEP * FRAME
    assert np.array_equal(joined[:, :start], single[:, :start])
    near = slice(start // WINDOW, (start + COMMON * FRAME) // WINDOW + 4)
    assert np.all(_noise_db(joined, song)[near] < _noise_db(single, song)[near] + 1.0)


def test_another_decoder_plays_the_same(song: Stereo, tmp_path: Path) -> None:
    halves = mp3.encode_mp3(song, 128_000)
    other = soundfile.read(io.BytesIO(halves), dtype="float32")[0].T
    assert np.allclose(other, _decoded(halves, tmp_path), atol=1e-5)


def test_one_core_makes_the_same_bytes(song: Stereo, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for cores in (1, 2):
        monkeypatch.setattr(side_by_side, "_cores", lambda cores=cores: cores)
        files.append(mp3.encode_mp3(song, 128_000))
    assert files[0] == files[1]


def test_halves_that_do_not_fit_are_encoded_in_one(song: Stereo, monkeypatch: pytest.MonkeyPatch) -> None:
    less_and_less = count(0, -1)  # the first half is asked after the second
    monkeypatch.setattr(mp3_seam, "_reservoir", lambda _: next(less_and_less))
    assert mp3.encode_mp3(song, 128_000) == _whole(song, 128_000)


def _whole(song: Stereo, bit_rate: int) -> bytes:
    music = mp3._encode(song, bit_rate, 1.0)
    return mp3._tag(music, song.shape[1], bit_rate) + music


def _decoded(music: bytes, folder: Path) -> Stereo:
    (folder / "music.mp3").write_bytes(music)
    return encoding.decode(folder / "music.mp3")[0]


def _noise_db(decoded: Stereo, song: Stereo) -> Floats:
    """Return the level of what encoding added to each 50 ms, dB."""
    error = np.square(decoded - song).sum(axis=0)
    return np.asarray(10 * np.log10(error[: len(error) // WINDOW * WINDOW].reshape(-1, WINDOW).mean(axis=1) + 1e-12))
