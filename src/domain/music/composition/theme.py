"""The theme that a piece is made of: hummed, or a fallback where nobody hummed."""

from domain.music.brief import Brief
from domain.music.composition.fallback_theme import invent_theme
from domain.music.composition.phrase_groups import PhraseGroup, phrase_groups
from domain.music.listening.melody import write_theme


def theme_of(brief: Brief) -> tuple[PhraseGroup, ...]:
    """Return the phrase groups of the theme in the brief's key, tempo and meter."""
    scale, meter = brief.scale, brief.meter
    if brief.analysis:
        theme = write_theme(brief.analysis, scale, brief.tempo_bpm, meter)
    else:
        theme = invent_theme(scale, meter, brief.seed)
    return phrase_groups(theme, meter, brief.beat_seconds)
