"""The ensembles, by the name of their style."""

from typing import Final

from domain.music.styles import cinematic, lofi, synthwave
from domain.music.styles.ensemble import Ensemble

ENSEMBLES: Final[dict[str, Ensemble]] = {
    "cinematic": cinematic.ENSEMBLE,
    "lofi": lofi.ENSEMBLE,
    "synthwave": synthwave.ENSEMBLE,
}
