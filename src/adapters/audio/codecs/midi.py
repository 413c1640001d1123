"""Writes scores as Standard MIDI Files (MIDI 1.0, RP-001), format 1, 480 ticks per quarter note.

Lyrics are meta events of the conductor track, a syllable each; a space ends a word (RP-017).
Kits are on channel 10, as in General MIDI level 1; programs come from the table of instruments.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import mido

from domain.music.score import Part, Score
from domain.music.theory.meter import Meter

TICKS: Final = 480

_DRUM_CHANNEL = 9
_CHANNELS = tuple(channel for channel in range(16) if channel != _DRUM_CHANNEL)


def write(score: Score, out: Path) -> None:
    """Write a score as a MIDI file."""
    notation(score).save(out)


def notation(score: Score) -> mido.MidiFile:
    """Return the score as a MIDI file: conductor track, lead, then the other parts in their order."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    file.tracks.append(_conductor(score))
    channels = iter(_CHANNELS * (1 + len(score.parts) // len(_CHANNELS)))
    for part in sorted(score.parts, key=lambda part: part.name != score.lead):
        channel = _DRUM_CHANNEL if part.instrument.is_kit else next(channels)
        file.tracks.append(_track(part, channel, score))
    return file


def _conductor(score: Score) -> mido.MidiTrack:
    meter = Meter.of(score.time_signature)
    count, unit = (int(number) for number in meter.signature.split("/"))
    clicks = round(24 * meter.quarters)  # of the metronome, on beats
    events = [
        (0, mido.MetaMessage("track_name", name=score.style)),
        (0, mido.MetaMessage("time_signature", numerator=count, denominator=unit, clocks_per_click=clicks)),
        (0, mido.MetaMessage("key_signature", key=_signature(score.key))),
    ]
    events += _tempi(score)
    events += [
        (_tick(after.start, score), mido.MetaMessage("key_signature", key=_signature(after.key)))
        for before, after in pairwise(score.sections)
        if after.key != before.key
    ]
    events += [
        (_tick(section.start, score), mido.MetaMessage("marker", text=_latin(section.name)))
        for section in score.sections
    ]
    events += _lyrics(score)
    events.sort(key=lambda event: event[0])
    return _delta(events, _tick(score.duration, score))


def _lyrics(score: Score) -> Iterator[tuple[int, mido.MetaMessage]]:
    sung = (note for line in score.words for note in line.notes if note.syllables)
    for note, lyric in zip(sung, filter(None, score.sheet.lyrics), strict=True):
        text = _latin(f"{lyric.text} " if lyric.ends else lyric.text)
        yield _tick(note.start, score), mido.MetaMessage("lyrics", text=text)


def _tempi(score: Score) -> Iterator[tuple[int, mido.MetaMessage]]:
    """Yield the tempo of each bar that has another one than the bar before, a quarter rounded to microseconds."""
    before = 0
    for start, end in pairwise(score.bar_lines):
        tempo = round((end - start) / score.quarters_per_bar * 1e6)
        if abs(tempo - before) > 1:
            yield _tick(start, score), mido.MetaMessage("set_tempo", tempo=tempo)
            before = tempo


def _track(part: Part, channel: int, score: Score) -> mido.MidiTrack:
    pan = min(max(round(64 + 63 * part.pan), 0), 127)
    events = [
        (0, mido.MetaMessage("track_name", name=_latin(part.name))),
        (0, mido.Message("program_change", channel=channel, program=part.instrument.program)),
        (0, mido.Message("control_change", channel=channel, control=7, value=_volume(part.gain_db))),
        (0, mido.Message("control_change", channel=channel, control=10, value=pan)),
    ]
    events += sorted(_notes(part, channel, score), key=lambda event: (event[0], event[1].type == "note_on"))
    return _delta(events, 0)


def _notes(part: Part, channel: int, score: Score) -> Iterator[tuple[int, mido.Message]]:
    for note in part.notes:
        start = _tick(note.start, score)
        end = max(_tick(note.start + note.duration, score), start + 1)
        velocity = min(max(round(127 * note.velocity), 1), 127)
        yield start, mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity)
        yield end, mido.Message("note_off", channel=channel, note=note.pitch)


def _delta(events: Iterable[tuple[int, mido.Message | mido.MetaMessage]], end: int) -> mido.MidiTrack:
    """Return a track of messages at ascending ticks, as delta times; it ends at `end` or later."""
    track, now = mido.MidiTrack(), 0
    for tick, message in events:
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(end - now, 0)))
    return track


def _tick(seconds: float, score: Score) -> int:
    return round(score.bar_at(max(seconds, 0.0)) * score.quarters_per_bar * TICKS)


def _volume(gain_db: float) -> int:
    """Return controller 7 for a level; General MIDI: 40·log10(value / 127) dB, 100 at 0 dB."""
    return min(max(round(100 * 10 ** (gain_db / 40)), 0), 127)


_ENHARMONIC = {
    "A#": "Bb", "D#": "Eb", "G#": "Ab", "E#": "F", "B#": "C", "Fb": "E",
    "A#m": "Bbm", "Dbm": "C#m", "Gbm": "F#m", "E#m": "Fm", "B#m": "Cm", "Fbm": "Em", "Cbm": "Bm",
}  # fmt: skip
"""Enharmonic spellings without a key signature, as the equivalent key that has one."""


def _signature(key: str) -> str:
    key = _ENHARMONIC.get(key, key)
    try:
        mido.MetaMessage("key_signature", key=key)
    except ValueError:
        return "C"
    return key


def _latin(text: str) -> str:
    """Return text with characters outside Latin-1 replaced: MIDI files carry no others."""
    return text.encode("latin-1", "replace").decode("latin-1")
