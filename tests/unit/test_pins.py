"""The locks: `make bench` and `make train` add to the environment of development, so they must not change it."""

import re
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LOCKS: Final = (
    "requirements.txt",
    "requirements-dev.txt",
    "benchmarks/requirements.txt",
    "benchmarks/basic-pitch.txt",
    "training/requirements.txt",
)
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)


@pytest.mark.parametrize(("one", "other"), list(combinations(LOCKS, 2)))
def test_what_two_locks_have_in_common_is_of_the_same_version(one: str, other: str) -> None:
    first, second = pins_of(one), pins_of(other)
    assert first
    assert {
        name: (first[name], second[name]) for name in first.keys() & second.keys() if first[name] != second[name]
    } == {}


def pins_of(lock: str) -> dict[str, str]:
    """Return the versions of a lock by the names of the packages."""
    return dict(_PIN.findall((ROOT / lock).read_text()))
