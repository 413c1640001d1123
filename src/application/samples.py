"""What the api and workers both know of the samples of styles: where they are stored, and what asks for one.

Keys and orders name the edition, which is the version of the service and what it has played: a new release makes new
samples, and workers of other versions leave its orders to its own.
"""

from functools import cache
from hashlib import sha256
from typing import Final

import msgspec

from application.version import VERSION
from domain.blueprints.sample import sample_blueprint
from domain.jobs.artifacts import MediaType
from domain.jobs.output_formats import USUAL, OutputFormat
from domain.music.styles.registry import STYLES

SAMPLES_PREFIX: Final = "moment-samples/"
"""What the keys of all samples start with: of no job, so that no sweep takes them for orphans."""

SAMPLE_FORMAT: Final[OutputFormat] = USUAL
"""MP3: every browser plays it."""

_ORDER: Final = "sample"


@cache
def edition() -> str:
    """Return what names the samples of this version: `0.3.0-1f2e3d4c`."""
    played = msgspec.json.encode([sample_blueprint(style) for style in STYLES.values()])
    return f"{VERSION}-{sha256(played).hexdigest()[:8]}"


def edition_prefix() -> str:
    """Return what the keys of this version's samples start with."""
    return f"{SAMPLES_PREFIX}{edition()}/"


def sample_key(style: str) -> str:
    """Return the key of the sample of a style."""
    return f"{edition_prefix()}{style}.{MediaType.MP3.suffix}"


def sample_order(style: str) -> str:
    """Return what asks for the sample of a style."""
    return f"{_ORDER} {edition()} {style}"


def style_ordered(order: str) -> str | None:
    """Return the style whose sample an order asks for; None if it asks for one of another version."""
    what, _, rest = order.partition(" ")
    ordered, _, style = rest.partition(" ")
    return style if (what, ordered) == (_ORDER, edition()) and style in STYLES else None
