"""Drafting: blueprints for callers that have only a text, or want another length."""

import msgspec

from domain.blueprints.blueprint import Blueprint, Section, Voice
from domain.blueprints.length import length_ms


def from_text(text: str, voice_id: str) -> Blueprint:
    """Return the blueprint of a short cinematic piece with these lyrics."""
    return Blueprint(
        id="from-text",
        style="cinematic",
        tempo_bpm=92,
        key="C",
        sections=(
            Section(name="intro", bars=2, energy=0.3),
            Section(name="theme", bars=4, energy=0.7),
            Section(name="outro", bars=2, energy=0.4),
        ),
        lyrics=text,
        voice=Voice(voice_id=voice_id),
    )


def stretched(blueprint: Blueprint, wanted_ms: int) -> Blueprint:
    """Return the blueprint with its sections scaled, in whole bars, to about the wanted length."""
    ratio = wanted_ms / length_ms(blueprint)
    sections = tuple(
        msgspec.structs.replace(section, bars=min(256, max(1, round(section.bars * ratio))))
        for section in blueprint.sections
    )
    return msgspec.structs.replace(blueprint, sections=sections)
