"""The theme that a blueprint is made of: hummed, or invented where nobody hummed."""

from domain.music.composition import fallback_theme
from domain.music.composition.phrase_groups import Strain, strains
from domain.music.listening import melody
from domain.music.model import Analysis
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale


def parts_of(
    analysis: Analysis | None, *, key: str, tempo_bpm: float, time_signature: str, seed: int
) -> tuple[Strain, ...]:
    """Return the strains of the theme, as the piece's key, tempo and meter want them."""
    scale, meter = Scale.of(key), Meter.of(time_signature)
    theme = melody.write(analysis, scale, tempo_bpm, meter) if analysis else fallback_theme.invent(scale, meter, seed)
    return strains(theme, meter, 60 / tempo_bpm)
