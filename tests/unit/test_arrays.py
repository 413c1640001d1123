"""The layout of sound in memory."""

import numpy as np
import pytest

from adapters.audio.arrays import joined, sample_peak


@pytest.mark.parametrize("expected", [0, 3, 10, 1000])
def test_blocks_are_joined_whatever_length_was_expected(expected: int) -> None:
    sound = np.arange(20, dtype=np.float32).reshape(2, 10)
    blocks = [sound[:, :1], sound[:, 1:8], sound[:, 8:]]
    assert np.array_equal(joined(blocks, expected), sound)


def test_a_peak_may_be_negative_and_of_nothing_is_zero() -> None:
    assert sample_peak(np.array([[0.2, -0.7], [0.1, 0.3]], np.float32)) == pytest.approx(0.7)
    assert sample_peak(np.zeros((2, 0), np.float32)) == 0.0
