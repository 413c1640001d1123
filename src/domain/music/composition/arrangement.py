"""Composing: from a brief to a score.

The theme is placed into the sections, harmonised section by section, arranged by the style's players, and performed:
the events in beats of every part become notes in seconds. The singer's lines are made of the same melody.
"""

from itertools import accumulate
from random import Random
from typing import Final

import msgspec

from domain.music.brief import Brief
from domain.music.composition.performance import TempoMap, perform_part
from domain.music.composition.phrase_groups import hook_index
from domain.music.composition.section_contexts import lead_shift, section_contexts
from domain.music.composition.sections import PlayedSection, fit_sections
from domain.music.composition.sung_words import sheet_lyrics, word_lines
from domain.music.composition.text_setting import SetLine, set_words
from domain.music.composition.theme import theme_of
from domain.music.composition.theme_placement import place_theme
from domain.music.composition.vocals import vocal_lines
from domain.music.score import Chord, LeadSheet, Part, Score, SectionSpan
from domain.music.styles.section_context import NoteEvent, PartNotes, SectionContext, melody_events
from domain.music.styles.style import LEAD, MixChannel, Style
from domain.music.sung import VocalMode
from domain.music.theory.chords import TimedChord
from domain.music.theory.meter import on_the_grid
from domain.music.theory.scale import Scale
from domain.music.theory.voicing import close_position

_SWING_TEMPO: Final = 105  # above it eighths swing, below it sixteenths
_STRAIGHT: Final = 0.5
_BEHIND_VOICE_DB: Final = -2.0  # what the lead gives way to a singer


def compose(brief: Brief) -> Score:
    """Return the score of a brief; equal briefs make equal scores, in every process."""
    meter = brief.meter
    sections = fit_sections(brief)
    groups = theme_of(brief)
    theme = place_theme(sections, groups, brief.scale, meter, brief.seed)
    contexts = section_contexts(sections, theme.melodies, groups[hook_index(groups)], brief)
    tempo_map = _tempo_map(theme.pace, brief)
    sung = vocal_lines(contexts, brief.analysis, tempo_map) if brief.analysis else ()
    worded = _worded(contexts, sections, brief)
    beats_per_bar, multiple = meter.score_beats
    return Score(
        style=brief.style.name,
        key=brief.key,
        tempo_bpm=float(brief.tempo_bpm * multiple),
        beats_per_bar=beats_per_bar,
        duration=tempo_map.duration,
        tail=brief.style.tail,
        seed=brief.seed,
        lead=LEAD,
        space=brief.style.space,
        time_signature=brief.time_signature,
        bar_lines=tempo_map.bar_lines,
        sheet=_lead_sheet(contexts, sections, worded),
        sections=_section_spans(sections, contexts, tempo_map),
        chords=tuple(_chord(chord, context.key, tempo_map) for context in contexts for chord in context.chords),
        parts=_parts(contexts, brief, tempo_map, lead_db=_BEHIND_VOICE_DB if sung else 0.0),
        vocals=sung,
        words=word_lines([line for lines in worded for line in lines], tempo_map),
        vocal_mode=brief.vocal_mode,
    )


def _worded(
    contexts: tuple[SectionContext, ...], sections: tuple[PlayedSection, ...], brief: Brief
) -> tuple[tuple[SetLine, ...], ...]:
    """Return the words that each section sings; none where the voice only hums."""
    if brief.vocal_mode is VocalMode.HUM or not (brief.lyrics and brief.analysis):
        return ((),) * len(contexts)
    return set_words(contexts, sections, brief.lyrics, brief.analysis.phrases)


def _lead_sheet(
    contexts: tuple[SectionContext, ...],
    sections: tuple[PlayedSection, ...],
    worded: tuple[tuple[SetLine, ...], ...],
) -> LeadSheet:
    written = [
        (note, lyric)
        for context, lines in zip(contexts, worded, strict=True)
        for note, lyric in sheet_lyrics(lines, context.melody or context.lead)
    ]
    return LeadSheet(
        beats=contexts[-1].end,
        melody=tuple(note for note, _ in written),
        lyrics=tuple(lyric for _, lyric in written) if any(worded) else (),
        chords=tuple((chord.start, chord.harmony.symbol(each.key)) for each in contexts for chord in each.chords),
        keys=tuple((context.start, context.key.name) for context in contexts),
        sections=tuple((context.start, section.name) for context, section in zip(contexts, sections, strict=True)),
    )


def _tempo_map(pace: tuple[float, ...], brief: Brief) -> TempoMap:
    """Return the piece's tempo map; however the bars differ, the piece is as long as its tempo says."""
    meter, beat_seconds, most = brief.meter, brief.beat_seconds, 1 + brief.style.rubato
    bars = [min(most, max(1 / most, length)) for length in pace]
    bar_seconds = meter.bar * beat_seconds * len(bars) / sum(bars)
    lines = tuple(reached * bar_seconds for reached in accumulate(bars, initial=0.0))
    slow = beat_seconds > 60 / _SWING_TEMPO or meter.bar % (2 * meter.step) > 0  # no pair crosses a bar line
    swing = _STRAIGHT if meter.compound else brief.style.swing
    pair = 0.0 if swing == _STRAIGHT else meter.step * (1 if slow else 2)
    return TempoMap(lines, meter.bar, pair, swing)


def _section_spans(
    sections: tuple[PlayedSection, ...], contexts: tuple[SectionContext, ...], tempo_map: TempoMap
) -> tuple[SectionSpan, ...]:
    spans = list[SectionSpan]()
    for section, context in zip(sections, contexts, strict=True):
        start, end = tempo_map.seconds(context.start), tempo_map.seconds(context.end)
        spans.append(SectionSpan(section.name, start, end - start, section.bars, section.energy, context.key.name))
    return tuple(spans)


def _chord(chord: TimedChord, key: Scale, tempo_map: TempoMap) -> Chord:
    start, end = tempo_map.seconds(chord.start), tempo_map.seconds(chord.end)
    return Chord(start, end - start, chord.harmony.symbol(key), close_position(chord.harmony))


def _parts(
    contexts: tuple[SectionContext, ...], brief: Brief, tempo_map: TempoMap, *, lead_db: float
) -> tuple[Part, ...]:
    """Return every part that has something to play, the lead first."""
    style = brief.style
    notes: PartNotes = {name: [] for name in style.channels}
    shift = lead_shift([note for context in contexts for note in context.melody or context.lead], style)
    for context in contexts:
        for name, events in _played(context, shift, brief).items():
            notes[name] += events
    channels = _with_lead_at(style, lead_db)
    return tuple(
        perform_part(name, notes[name], channels[name], tempo_map, brief.seed, group=style.group_of(name))
        for name in channels
        if notes[name]
    )


def _played(context: SectionContext, shift: int, brief: Brief) -> PartNotes:
    """Return what every part plays in a section, the melody some semitones away from where it is sung."""
    choices = Random(f"{brief.seed}/{context.role.value}/{context.statement}")  # noqa: S311 - music, not cryptography
    raised = context.transposed(shift)
    played = {
        name: [event for player in players for event in player(raised, choices)]
        for name, players in brief.style.players.items()
    }
    return {**played, LEAD: _on_the_grid(melody_events(raised.lead, 0)) + played.get(LEAD, [])}


def _on_the_grid(events: list[NoteEvent]) -> list[NoteEvent]:
    """Return a melody in the band's time: the singer's own deviations, played against drums, would be flams."""
    return [event._replace(start=on_the_grid(event.start)) for event in events]


def _with_lead_at(style: Style, gain_db: float) -> dict[str, MixChannel]:
    lead = style.channels[LEAD]
    return {**style.channels, LEAD: msgspec.structs.replace(lead, gain_db=lead.gain_db + gain_db)}
