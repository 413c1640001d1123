"""Takes are what their labels say, come out the same again, and keep the two splits apart."""

from functools import cache
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from adapters.audio.analysis.features import extract_features
from adapters.audio.analysis.pitch import STEP
from training.voices.codecs import CODECS, Codec, coded
from training.voices.controls import RATE
from training.voices.phones import random_phone
from training.voices.rooms import PLACES
from training.voices.singers import Split, random_singer
from training.voices.sounds import CONSONANTS, EXCLUDED_CONSONANTS
from training.voices.take import Take, take
from training.voices.talkers import talker

SEEDS = range(900, 916)


@cache
def clean(seed: int) -> Take:
    return take(seed, snr_db=30.0)


@cache
def heard(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    features = extract_features(clean(seed).samples)
    return features.pitch, features.confidence, features.level


def test_the_pitch_of_the_labels_is_the_one_in_the_sound() -> None:
    right = list[bool]()
    for seed in SEEDS:
        pitch, confidence, _ = heard(seed)
        time = np.arange(len(pitch)) * STEP
        for note in clean(seed).notes:
            middle = (time > note.onset + 0.3 * note.duration) & (time < note.onset + 0.8 * note.duration)
            voiced = pitch[middle & (confidence > 0.5)]
            right.append(len(voiced) > 0 and abs(float(np.median(voiced)) - note.pitch) < 0.5)
    assert np.mean(right) >= 0.97


def test_notes_after_a_rest_begin_where_the_sound_does() -> None:
    rises = list[float]()
    for seed in SEEDS:
        _, _, level = heard(seed)
        notes = clean(seed).notes
        for before, note in pairwise(notes):
            if note.onset - before.onset - before.duration > 0.15:
                at = int(note.onset / STEP)
                rises.append(float(np.max(level[at : at + 12]) - np.min(level[at - 30 : at])))
    assert len(rises) >= 25
    assert np.mean(np.array(rises) > 6) >= 0.9


def test_labels_are_in_order_and_belong_to_the_performance() -> None:
    for seed in SEEDS:
        made = clean(seed)
        assert len(made.notes) == len(made.performance.notes) == len(made.tuning_cents)
        for note, performed in zip(made.notes, made.performance.notes, strict=True):
            assert -0.003 <= performed.onset - note.onset <= 0.023  # voiced consonants are heard a little
            assert abs(note.pitch - performed.written) < 4
        ends = [note.onset + note.duration for note in made.notes]
        assert all(end <= after.onset + 1e-9 for end, after in zip(ends, made.notes[1:], strict=False))
        assert ends[-1] < len(made.samples) / RATE


def test_the_same_seed_gives_the_same_samples_and_another_seed_others() -> None:
    for split in Split:
        first, again = take(3, split=split), take(3, split=split)
        np.testing.assert_array_equal(first.samples, again.samples)
        assert (first.notes, first.performance) == (again.notes, again.performance)
    assert not np.array_equal(take(3).samples[:RATE], take(4).samples[:RATE])


def test_samples_are_finite_and_within_full_scale() -> None:
    for seed in range(6):
        samples = take(seed, split=Split.EXCLUDED).samples
        assert samples.dtype == np.float32
        assert np.isfinite(samples).all()
        assert 0.01 < np.max(np.abs(samples)) <= 1


def test_training_draws_nothing_that_is_excluded() -> None:
    assert not CONSONANTS.keys() & EXCLUDED_CONSONANTS.keys()
    assert not {msgspec.structs.astuple(c) for c in CONSONANTS.values()} & {
        msgspec.structs.astuple(c) for c in EXCLUDED_CONSONANTS.values()
    }
    assert not set(PLACES[Split.TRAIN]) & set(PLACES[Split.EXCLUDED])
    assert not {codec for codec, _ in CODECS[Split.TRAIN]} & {codec for codec, _ in CODECS[Split.EXCLUDED]}
    rng = np.random.default_rng(0)
    for draw in (random_singer, random_phone):
        trained = {repr(draw(rng, Split.TRAIN)) for _ in range(200)}
        assert not trained & {repr(draw(rng, Split.EXCLUDED)) for _ in range(200)}


@pytest.mark.parametrize("codec", [codec for codec in Codec if codec is not Codec.NONE])
def test_codecs_keep_the_time(codec: Codec) -> None:
    sound = 0.1 * talker(Split.TRAIN, 0)[: 4 * RATE]
    back = coded(sound, codec, codec.value.bit_rates[0])
    assert len(back) == len(sound)
    before, after = (np.convolve(wave**2, np.hanning(160), "same") for wave in (sound, back))
    lags = range(-80, 81)
    match = [float(np.dot(before[200:-200], after[200 + lag : len(after) - 200 + lag])) for lag in lags]
    assert abs(lags[int(np.argmax(match))]) <= RATE // 500
