"""Numbers with their nouns, for people."""


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun, as in "1 job" and "2 jobs"; the plural must end in a plain s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
