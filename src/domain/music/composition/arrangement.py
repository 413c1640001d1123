"""Composing: from a blueprint, and the hum in its metadata, to a score."""

from random import Random
from typing import Final

import msgspec

from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.completion import read_analysis, read_seed
from domain.music.composition.harmony import Placed
from domain.music.composition.performance import Clock, perform
from domain.music.composition.section_contexts import LEAD, Setting, lead_shift, stage
from domain.music.composition.sections import Span, plan
from domain.music.composition.theme import parts_of
from domain.music.composition.vocals import vocals
from domain.music.model import Chord, MelodyNote, Part, Score, SectionSpan
from domain.music.styles import ENSEMBLES
from domain.music.styles.section_context import Page, Scene, lead_strokes
from domain.music.styles.style import resolve
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale
from domain.music.theory.voicing import close_position

_SWING_TEMPO: Final = 105  # above it eighths swing, below it sixteenths
_UNDER_THE_VOICE: Final = -2.0  # dB that the lead gives way to a singer in a preview


def compose(blueprint: Blueprint, kind: OutputKind) -> Score:
    """Return the score of a blueprint; the same blueprint always makes the same score.

    Raises:
        InvalidBlueprint: `metadata.analysis` is there, but is not an analysis.
    """
    analysis, setting = read_analysis(blueprint), _setting(blueprint)
    parts = parts_of(
        analysis,
        key=blueprint.key,
        tempo_bpm=blueprint.tempo_bpm,
        time_signature=blueprint.time_signature,
        seed=setting.seed,
    )
    spans = plan(blueprint.sections, kind, setting.meter, setting.beat_seconds, setting.style.tail)
    scenes = stage(spans, parts, setting)
    clock = _clock(spans, setting)
    sung = vocals(scenes, analysis, setting.key, clock) if analysis else ()
    beats_per_bar, multiple = setting.meter.score_beats
    return Score(
        style=setting.style.name,
        key=blueprint.key,
        tempo_bpm=float(blueprint.tempo_bpm * multiple),
        beats_per_bar=beats_per_bar,
        duration=clock.duration,
        tail=setting.style.tail,
        seed=setting.seed,
        lead=LEAD,
        sections=_section_spans(spans, setting, clock),
        chords=tuple(_chord(each, setting.key, clock) for scene in scenes for each in scene.chords),
        parts=_parts(scenes, setting, clock, yields=bool(sung) and kind is OutputKind.PREVIEW),
        vocals=sung,
    )


def _setting(blueprint: Blueprint) -> Setting:
    style = resolve(blueprint.style)
    return Setting(
        style=style,
        ensemble=ENSEMBLES[style.name],
        key=Scale.of(blueprint.key),
        meter=Meter.of(blueprint.time_signature),
        beat_seconds=60 / blueprint.tempo_bpm,
        seed=read_seed(blueprint),
    )


def _clock(spans: tuple[Span, ...], setting: Setting) -> Clock:
    beats = sum(span.bars for span in spans) * setting.meter.bar
    slow = setting.beat_seconds > 60 / _SWING_TEMPO
    swing = 0.5 if setting.meter.compound else setting.ensemble.swing
    pair = 0.0 if swing == 0.5 else setting.meter.step * (1 if slow else 2)
    return Clock(setting.beat_seconds, beats * setting.beat_seconds, pair, swing)


def _section_spans(spans: tuple[Span, ...], setting: Setting, clock: Clock) -> tuple[SectionSpan, ...]:
    sections, bars = [], 0
    for span in spans:
        start, end = (clock.seconds(count * setting.meter.bar) for count in (bars, bars + span.bars))
        sections.append(SectionSpan(span.name, start, end - start, span.bars, span.energy))
        bars += span.bars
    return tuple(sections)


def _chord(placed: Placed, key: Scale, clock: Clock) -> Chord:
    start, end = clock.seconds(placed.start), clock.seconds(placed.start + placed.beats)
    return Chord(start, end - start, placed.harmony.symbol(key), close_position(placed.harmony))


def _parts(scenes: tuple[Scene, ...], setting: Setting, clock: Clock, *, yields: bool) -> tuple[Part, ...]:
    """Return every part that has something to play, the lead first."""
    ensemble = setting.ensemble
    page: Page = {name: [] for name in ensemble.desks}
    shift = lead_shift([note for scene in scenes for note in scene.melody], ensemble)
    for scene in scenes:
        page[LEAD] += lead_strokes(scene.melody, shift)
        choices = Random(f"{setting.seed}/choices")  # noqa: S311 - music, not cryptography
        raised = msgspec.structs.replace(scene, melody=_moved(scene.melody, shift), quote=_moved(scene.quote, shift))
        for name, strokes in ensemble.arrange(raised, choices).items():
            page[name] += strokes
    desks = dict(ensemble.desks)
    if yields:
        desks[LEAD] = msgspec.structs.replace(desks[LEAD], gain_db=desks[LEAD].gain_db + _UNDER_THE_VOICE)
    return tuple(perform(name, page[name], desks[name], clock, setting.seed) for name in desks if page[name])


def _moved(notes: tuple[MelodyNote, ...], shift: int) -> tuple[MelodyNote, ...]:
    return tuple(msgspec.structs.replace(note, pitch=note.pitch + shift) for note in notes)
