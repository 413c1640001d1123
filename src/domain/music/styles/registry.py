"""The styles there are, found among this package's modules: a file that defines `STYLE` is a style."""

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from domain.music import styles
from domain.music.styles.blending import in_character, with_rhythm_of
from domain.music.styles.free_words import Meaning, understand
from domain.music.styles.moods import Character
from domain.music.styles.style import Style

DEFAULT_STYLE: Final = "cinematic"


def discover() -> dict[str, Style]:
    """Return the styles by name: the default first, then in alphabetical order.

    Raises:
        ValueError: Two files define a style of the same name, or a `STYLE` is no `Style`.
    """
    modules = [import_module(f"{styles.__name__}.{file.name}") for file in iter_modules(styles.__path__)]
    found: dict[str, Style] = {}
    for module in modules:
        if (style := getattr(module, "STYLE", None)) is None:
            continue
        if not isinstance(style, Style):
            raise ValueError(f"{module.__file__}: STYLE must be a Style, not {type(style).__name__}")  # noqa: TRY004
        if style.name in found:
            raise ValueError(f"{module.__file__}: another file has the same name of a style, {style.name}")
        found[style.name] = style
    return dict(sorted(found.items(), key=lambda entry: (entry[0] != DEFAULT_STYLE, entry[0])))


STYLES: Final = discover()
"""Every style by name; the first is what a blueprint without a style gets."""


@lru_cache(256)
def meaning_of(text: str) -> Meaning:
    """Return what was understood of a musician's free text."""
    return understand(text, STYLES)


@lru_cache(64)
def resolve_style(text: str) -> Style:
    """Return the style that a musician's free text means, as its moods change it; the default where nothing matches."""
    meaning = meaning_of(text)
    style = STYLES[meaning.style or DEFAULT_STYLE]
    if meaning.lent:
        style = with_rhythm_of(style, STYLES[meaning.lent])
    character = Character()
    for mood in meaning.moods:
        character = character.with_(mood.character)
    return in_character(style, character) if meaning.moods else style
