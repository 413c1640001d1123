"""The synthetic hummer keeps its promises: same seed, same hum; the truth is what sounds."""

from itertools import pairwise

import numpy as np
import pytest

from adapters.audio.codecs.decoding import decode
from tests.support.hums import RATE, hum, our_tune, random_melody, write_wav


def test_a_seed_is_a_hum() -> None:
    melody = random_melody(4)
    once, again, other = (hum(melody, seed=seed).samples for seed in (4, 4, 5))
    assert np.array_equal(once, again)
    assert not np.array_equal(once[: len(other)], other[: len(once)])


@pytest.mark.parametrize("snr_db", [30.0, 5.0])
def test_noise_is_as_loud_as_asked(snr_db: float) -> None:
    truth = hum(random_melody(6), seed=6, snr_db=snr_db)
    sung = np.zeros(len(truth.samples), dtype=bool)
    for note in truth.notes:
        sung[int(note.onset * RATE) : int((note.onset + note.duration) * RATE)] = True
    before = (
        truth.samples[: int((truth.notes[0].onset - 0.5) * RATE)]
        if truth.notes[0].onset > 0.6
        else truth.samples[-4410:]
    )
    voice_and_noise, noise = np.mean(truth.samples[sung] ** 2), np.mean(before**2)
    assert 10 * np.log10(voice_and_noise / noise) == pytest.approx(snr_db, abs=5)


@pytest.mark.parametrize("seed", range(30))
def test_melodies_can_be_sung(seed: int) -> None:
    melody = random_melody(seed)
    pitches = [note.pitch for note in melody.notes]
    assert min(pitches) >= 43
    assert max(pitches) <= 79
    assert max(abs(b - a) for a, b in pairwise(pitches)) <= 12
    assert 60 <= melody.tempo_bpm <= 130
    assert melody.phrases[0] == 0


def test_the_example_is_the_one_in_the_repository(pytestconfig: pytest.Config) -> None:
    kept = decode(pytestconfig.rootpath / "examples" / "hum.wav")
    made = hum(our_tune(), seed=7, snr_db=35.0).samples
    assert np.max(np.abs(kept - made)) < 1e-3


def test_writes_what_was_hummed(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    samples = hum(random_melody(1), seed=1).samples
    write_wav(path, samples)
    assert np.max(np.abs(decode(path) - samples)) < 1e-3
