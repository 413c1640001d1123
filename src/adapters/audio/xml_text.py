"""Text of users in XML documents."""


def printable(text: str) -> str:
    """Return text without what XML 1.0 cannot hold, and without marks that only steer the text around them."""
    return "".join(letter for letter in text if letter.isprintable())
