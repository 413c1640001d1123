"""From a blueprint to the composer's brief."""

from typing import Final

from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.fields import DEFAULT_LYRICS
from domain.blueprints.metadata import read_analysis, read_chords, read_seed, read_vocal_mode
from domain.music.brief import PREVIEW_LENGTH, SONG_LENGTH, Brief, SectionPlan
from domain.music.lyrics.text import Stanza, read_lyrics
from domain.music.styles.registry import resolve_style
from domain.music.sung import VocalMode

_LENGTHS: Final = {OutputKind.PREVIEW: PREVIEW_LENGTH, OutputKind.SONG: SONG_LENGTH}


def brief_of(blueprint: Blueprint, kind: OutputKind) -> Brief:
    """Return what the composer needs to know of a blueprint.

    Raises:
        InvalidBlueprint: `metadata.analysis` is present but is not a valid analysis.
    """
    return Brief(
        style=resolve_style(blueprint.style),
        key=blueprint.key,
        tempo_bpm=blueprint.tempo_bpm,
        time_signature=blueprint.time_signature,
        sections=tuple(
            SectionPlan(section.name, section.bars, section.energy, section.prompt or "")
            for section in blueprint.sections
        ),
        length=_LENGTHS[kind],
        seed=read_seed(blueprint),
        chords=read_chords(blueprint.metadata),
        vocal_mode=read_vocal_mode(blueprint.metadata),
        lyrics=_lyrics(blueprint),
        analysis=read_analysis(blueprint.metadata),
    )


def _lyrics(blueprint: Blueprint) -> tuple[Stanza, ...]:
    """Return the lyrics where they are to be sung, and somebody wrote them."""
    sung = read_vocal_mode(blueprint.metadata) is not VocalMode.HUM and blueprint.lyrics != DEFAULT_LYRICS
    return read_lyrics(blueprint.lyrics) if sung else ()
