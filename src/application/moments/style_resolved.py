"""What was understood of the words for a style."""

from typing import Self

import msgspec

from domain.blueprints.blueprint import PartialBlueprint
from domain.music.styles.registry import DEFAULT_STYLE, meaning_of


class StyleResolved(msgspec.Struct, frozen=True):
    """The style that a moment is made in.

    Attributes:
        style: Its name.
        rhythm: The name of another style whose drums and bass play; absent if they are its own.
        moods: What changes it, in the order of the words.
    """

    style: str
    rhythm: str | None
    moods: tuple[str, ...]

    @classmethod
    def of(cls, blueprint: PartialBlueprint) -> Self:
        """Return what the style of a request means."""
        meaning = meaning_of(blueprint.get("style", DEFAULT_STYLE))
        return cls(meaning.style or DEFAULT_STYLE, meaning.lent or None, tuple(mood.value for mood in meaning.moods))
