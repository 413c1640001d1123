"""What a link to music tells whoever has it: nothing about who made it, and nothing that they wrote."""

from contextlib import suppress
from itertools import islice
from typing import Final, Self

import msgspec

from application.moments.find_artifact import music_of
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.metadata import read_analysis
from domain.errors import InvalidBlueprint
from domain.jobs.job import Job
from domain.music.styles.registry import resolve_style

_NOUNS: Final = {OutputKind.PREVIEW: "theme", OutputKind.SONG: "song"}

MOST_NOTES: Final = 512
"""Notes that are told: more than a minute of hum has."""

MOST_SECTIONS: Final = 128
LONGEST: Final = 3600.0
"""Seconds: of sections and of music, as long as a tool may say that a recording is."""


class SharedSection(msgspec.Struct, frozen=True):
    """A section of the music, in its seconds, with its energy 0..1; the name may be the musician's own words."""

    start: float
    end: float
    energy: float


class SharedNote(msgspec.Struct, frozen=True):
    """A note of the tune, in seconds of the hum: a MIDI number, and how loud it was, 0..1."""

    start: float
    duration: float
    pitch: int
    loudness: float


class SharedMoment(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody who has the link may know.

    Attributes:
        title: In a few words, made of what follows.
        style: Its name; not the musician's own words.
        key: `Dm`; empty if unknown.
        tempo_bpm: 0 if unknown.
        seconds: How long the music is; absent where that is not known.
        content_type: Of the music.
        audio_url: A path on this host that leads to the music while the link lives.
        picture_url: And one that leads to a picture of it.
        sections: In order; none where the tools did not say.
        notes: In order, those that were meant; none where no tool heard the hum.
    """

    title: str
    style: str
    output_kind: OutputKind
    key: str
    tempo_bpm: int
    seconds: float | None
    content_type: str
    audio_url: str
    picture_url: str
    sections: tuple[SharedSection, ...]
    notes: tuple[SharedNote, ...]

    @classmethod
    def of(cls, job: Job, token: str) -> Self:
        """Return what is said of a job that has music."""
        blueprint, music = job.blueprint, music_of(job)
        style = resolve_style(blueprint.style if blueprint else "").name
        return cls(
            title=f"{style.capitalize()} {_NOUNS[job.request.output_kind]}",
            style=style,
            output_kind=job.request.output_kind,
            key=blueprint.key if blueprint else "",
            tempo_bpm=blueprint.tempo_bpm if blueprint else 0,
            seconds=job.music_seconds if 0 < job.music_seconds <= LONGEST else None,
            content_type=music.mime_type,
            audio_url=f"/m/{token}/audio",
            picture_url=f"/m/{token}/picture.png",
            sections=_sections_of(job),
            notes=_notes_of(job),
        )


def _sections_of(job: Job) -> tuple[SharedSection, ...]:
    """Return the sections; none if one cannot be drawn, which a foreign tool may have said."""
    form = next((made.form for made in job.checkpoints.values() if made.form), ())[:MOST_SECTIONS]
    sane = all(0 <= section.start <= section.end <= LONGEST and 0 <= section.energy <= 1 for section in form)
    return tuple(SharedSection(section.start, section.end, section.energy) for section in form) if sane else ()


def _notes_of(job: Job) -> tuple[SharedNote, ...]:
    """Return the notes that were meant; analyses of versions up to 0.2 have only those that were hummed."""
    heard = None
    with suppress(InvalidBlueprint):  # of the Celery version, whose jobs were imported as they were
        heard = read_analysis(job.blueprint.metadata) if job.blueprint else None
    if heard is None:
        return ()
    pitches = heard.written or tuple(round(note.pitch) for note in heard.notes)
    pairs = islice(zip(heard.notes, pitches, strict=False), MOST_NOTES)
    return tuple(SharedNote(note.onset, note.duration, pitch, note.loudness) for note, pitch in pairs)
