"""Which styles tests hear, and styles from another folder, registered for a while as if they were the package's own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from domain.music import styles
from domain.music.styles.registry import STYLES, discover, meaning_of, resolve_style

FEW: Final = ("cinematic", "lofi", "rock")
"""Styles that differ most in how they are made: with a hall, with tape, with amplifiers."""

HEARD_STYLES: Final = [style if style in FEW else pytest.param(style, marks=pytest.mark.music) for style in STYLES]
"""Every style; what takes long is heard in a few of them by `make test`, in the others by `make test-music`."""

EXAMPLES = Path(__file__).parents[2] / "examples" / "styles"
"""The style of CONTRIBUTING.md."""


@contextmanager
def styles_in(folder: Path) -> Iterator[None]:
    """Register every style in a folder of style files until the block ends."""
    styles.__path__.append(str(folder))
    try:
        _register()
        yield
    finally:
        styles.__path__.remove(str(folder))
        for file in folder.glob("*.py"):
            sys.modules.pop(f"{styles.__name__}.{file.stem}", None)
        _register()


def _register() -> None:
    found = discover()
    STYLES.clear()
    STYLES.update(found)
    resolve_style.cache_clear()
    meaning_of.cache_clear()
