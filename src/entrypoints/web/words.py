"""What styles, keys and moments are called where people read it, as the studio's modules say it."""

import re
from typing import Final

from application.moments.shared_moment import SharedMoment
from domain.blueprints.blueprint import OutputKind
from entrypoints.web.texts import texts

_FLAT: Final = re.compile(r"(?<=[A-G])b")


def style_name(style: str) -> str:
    """Return the name of a style that its card has; without one, as in the API."""
    return texts().get(f"styles.name.{style}", style)


def key_in_words(key: str) -> str:
    """Return a key such as `F#m` in words: F♯ minor."""
    minor = key.endswith("m")
    tonic = _FLAT.sub("♭", key.removesuffix("m").replace("#", "♯"))
    return texts()["heard.minor" if minor else "heard.major"].format(tonic=tonic)


def title_of(moment: SharedMoment) -> str:
    """Return what a moment is called: after its style, as in the list of whoever made it."""
    style = style_name(moment.style)
    name = "keep.song" if moment.output_kind == OutputKind.SONG else "keep.theme"
    return texts()[name].format(style=style[:1].upper() + style[1:])
