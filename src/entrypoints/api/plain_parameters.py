"""What the framework finds wrong with a parameter or a body, in words for people who do not know its types."""

import re
from typing import Final

_WORDS: Final = (
    (re.compile(r"Expected `int` <= (\d+)"), r"must be a whole number of at most \1"),
    (re.compile(r"Expected `int` >= (\d+)"), r"must be a whole number of at least \1"),
    (re.compile(r"Expected `int`(, got `\w+`)?"), "must be a whole number"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), "must be a date with a time, such as 2026-11-26T10:00:00Z"),
    (re.compile(r"Invalid UUID"), "must be a UUID"),
)


def in_plain_words(message: str) -> str:
    """Return a message of the framework's in our words; one that is not known stays as it is."""
    return next((found.expand(words) for pattern, words in _WORDS if (found := pattern.fullmatch(message))), message)
