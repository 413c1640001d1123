"""The ensembles, by the name of their style."""

from typing import Final

from domain.music.ensemble import Ensemble
from domain.music.styles import cinematic, lofi, synthwave

ENSEMBLES: Final[dict[str, Ensemble]] = {
    "cinematic": cinematic.ENSEMBLE,
    "lofi": lofi.ENSEMBLE,
    "synthwave": synthwave.ENSEMBLE,
}
