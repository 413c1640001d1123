"""The styles there are, found among this package's modules: a file that defines `STYLE` is a style."""

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from domain.music import styles
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


@lru_cache(64)
def resolve_style(text: str) -> Style:
    """Return the style that a musician's free text means; the default where nothing matches.

    A style's own name wins over the words for one; of several, the first in the text.
    """
    return STYLES[_meant(text) or DEFAULT_STYLE]


def means_style(text: str) -> bool:
    """Return whether a musician's free text has a word for any style."""
    return _meant(text) is not None


def _meant(text: str) -> str | None:
    letters = "".join(letter for letter in text.lower() if letter.isalnum())
    named = [(letters.find(name), name) for name in STYLES if name in letters]
    words = [(letters.find(word), name) for name in STYLES for word in STYLES[name].words if word in letters]
    return min(named or words, default=(0, None))[1]
