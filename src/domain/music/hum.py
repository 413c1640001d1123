"""A hum as it was heard: its notes, key, tempo and beats.

Times are *recording time*, seconds into the recording. Pitches are MIDI numbers (69 = A4 = 440 Hz), in which 0.01 is a
cent; loudness is 0..1.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0, le=3600)]

Unit = Annotated[float, Meta(ge=0, le=1)]

MAX_NOTES: Final = 4096
"""Of a hum: more than twenty in each second of the longest one."""

MAX_BEATS: Final = 4096
"""Of a hum: more than there are in the longest one at the fastest tempo."""


class HummedNote(msgspec.Struct, frozen=True):
    """A note as it was hummed, in recording time.

    Attributes:
        onset: Seconds into the recording.
        duration: Seconds.
        pitch: Median pitch of the note, MIDI number with fraction, as hummed (tuning offset still in it).
        loudness: 0..1, relative to the loudest note.
    """

    onset: Seconds
    duration: Annotated[float, Meta(gt=0, le=3600)]
    pitch: Annotated[float, Meta(ge=0, le=127)]
    loudness: Unit


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of the recording.

    Attributes:
        onset: Seconds into the recording.
        duration: Seconds.
    """

    onset: Seconds
    duration: Annotated[float, Meta(gt=0, le=3600)]


class KeyCandidate(msgspec.Struct, frozen=True):
    """A key that a hum may be in; confidence 0..1."""

    key: Annotated[str, Meta(max_length=3)]
    confidence: Unit


class TempoCandidate(msgspec.Struct, frozen=True):
    """A tempo at which a hum may be counted; confidence 0..1."""

    tempo_bpm: Annotated[float, Meta(ge=10, le=1000)]
    confidence: Unit


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """The musical analysis of a hum; stored in the blueprint's metadata as `analysis`.

    Attributes:
        duration: Seconds of the recording.
        tuning_cents: The singer's mean distance from A4 = 440 Hz, about −50..50; add it to a tempered pitch to get
            theirs.
        key: As in the blueprint: `C`, `F#m`, `Bb`.
        key_confidence: 0..1.
        tempo_bpm: Beats per minute as hummed.
        tempo_confidence: 0..1.
        first_beat: Recording time of beat zero; may be negative when the hum starts with a pick-up.
        time_signature: `4/4`, `3/4` …
        notes: In order of onset, not overlapping.
        phrases: Index of the first note of each phrase, ascending, starting with 0.
        damage: What is missing of the recording, in one sentence for people; empty if nothing is.
        written: The MIDI number that was meant by each note; empty in analyses of versions up to 0.2.
        tuning_curve: The singer's distance from A4 = 440 Hz at each note, in cents; it may drift. Empty as above.
        beats: Recording times of the beats from beat zero on, ascending. They follow a tempo that changes; beats before
            the first and after the last are as long as those. Empty as above: all are as long as the tempo says.
        key_candidates: The likeliest keys, best first.
        tempo_candidates: The likeliest tempi, best first.
        sung_from: The stretch of the recording that each note is sung from, where notes were edited; else empty.
    """

    duration: Seconds
    tuning_cents: Annotated[float, Meta(ge=-100, le=100)]
    key: str
    key_confidence: Unit
    tempo_bpm: Annotated[float, Meta(ge=10, le=1000)]
    tempo_confidence: Unit
    first_beat: Annotated[float, Meta(ge=-3600, le=3600)]
    time_signature: str = "4/4"
    notes: Annotated[tuple[HummedNote, ...], Meta(max_length=MAX_NOTES)]
    phrases: Annotated[tuple[int, ...], Meta(max_length=MAX_NOTES)] = (0,)
    damage: Annotated[str, Meta(max_length=200)] = ""
    written: Annotated[tuple[Annotated[int, Meta(ge=0, le=127)], ...], Meta(max_length=MAX_NOTES)] = ()
    tuning_curve: Annotated[tuple[Annotated[float, Meta(ge=-1200, le=1200)], ...], Meta(max_length=MAX_NOTES)] = ()
    beats: Annotated[tuple[Annotated[float, Meta(ge=-3600, le=7200)], ...], Meta(max_length=MAX_BEATS)] = ()
    key_candidates: Annotated[tuple[KeyCandidate, ...], Meta(max_length=24)] = ()
    tempo_candidates: Annotated[tuple[TempoCandidate, ...], Meta(max_length=24)] = ()
    sung_from: Annotated[tuple[Stretch, ...], Meta(max_length=MAX_NOTES)] = ()
