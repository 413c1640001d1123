"""The values of the music: what was hummed, what is written, what is played and sung.

There are two time lines: *recording time* is seconds into the recording, *score time* is seconds into the piece.
Pitches are MIDI numbers (69 = A4 = 440 Hz), in which 0.01 is a cent; loudness and velocity are 0..1.
"""

from enum import Enum, StrEnum
from itertools import groupby
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from domain.music.instruments import Instrument
from domain.music.lyrics.text import Line
from domain.music.space import Space
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.meter import Meter

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


class MelodyNote(msgspec.Struct, frozen=True):
    """A note of the written melody, in beats from the start of the theme.

    Attributes:
        start: Beats.
        beats: Length in beats.
        pitch: Tempered MIDI number, tuning removed, corrected to the scale.
        velocity: 0..1.
        source: Index into `Analysis.notes`, −1 where the note was not hummed.
    """

    start: float
    beats: float
    pitch: int
    velocity: float
    source: int = -1


class Chord(msgspec.Struct, frozen=True):
    """A chord of the piece, in score time.

    Attributes:
        start: Seconds.
        duration: Seconds.
        symbol: As a musician writes it: `Am7`, `F`, `G/B`.
        pitches: MIDI numbers in close position, root first.
    """

    start: float
    duration: float
    symbol: str
    pitches: tuple[int, ...]


class ScoreNote(msgspec.Struct, frozen=True):
    """A note for an instrument, in score time, swing and humanising included.

    For drum kits `pitch` is the General MIDI percussion key (36 kick, 38 snare, 39 clap, 42 closed hat, 46 open hat,
    41/45/48 toms, 49 crash, 51 ride, 54 shaker).
    """

    start: float
    duration: float
    pitch: int
    velocity: float


class PartGroup(StrEnum):
    """Parts that are mixed to one stem, by what they play."""

    LEAD = "lead"
    CHORDS = "chords"
    BASS = "bass"
    DRUMS = "drums"
    OTHER = "other"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one instrument plays.

    Attributes:
        name: Unique in the score: `lead`, `lead octave`, `pad`, `bass`, `drums`, `arpeggio` …
        instrument: Who plays it.
        group: Which stem it belongs to.
        gain_db: Level in the mix.
        pan: −1 left .. 1 right.
        space: 0..1, the send to the style's room.
        notes: In order of start.
    """

    name: str
    instrument: Instrument
    group: PartGroup = PartGroup.OTHER
    gain_db: float = 0.0
    pan: float = 0.0
    space: float = 0.3
    notes: tuple[ScoreNote, ...] = ()


class SectionRole(Enum):
    """What a section does for the theme.

    Attributes:
        QUIET: Leaves it out.
        VERSE: States it.
        HOOK: States its most memorable part, at full energy.
        BRIDGE: Contrasts with it.
        SOLO: An instrument takes the place of the singer.
    """

    QUIET = "quiet"
    VERSE = "verse"
    HOOK = "hook"
    BRIDGE = "bridge"
    SOLO = "solo"


class SectionSpan(msgspec.Struct, frozen=True):
    """A section of the piece in score time; energy 0..1; `key` as in the blueprint, empty where it is the piece's."""

    name: str
    start: float
    duration: float
    bars: int
    energy: float
    key: str = ""


class FormSection(msgspec.Struct, frozen=True):
    """A section as it was played: from `start` to `end` seconds of the piece, its energy 0..1, and its key."""

    name: str
    start: float
    end: float
    bars: int
    energy: float
    key: str


class SungNote(msgspec.Struct, frozen=True):
    """A note for the singer: a stretch of the recording, moved to a time and a pitch of the score.

    Attributes:
        start: Score time.
        duration: Seconds.
        pitch: Target MIDI number; the fraction detunes (doubles).
        source_onset: Recording time at which the stretch starts.
        source_duration: Seconds of the stretch.
        velocity: 0..1.
    """

    start: float
    duration: float
    pitch: float
    source_onset: float
    source_duration: float
    velocity: float


VocalRole = Literal["lead", "double", "harmony"]


class VocalLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of the voices that the hummer sings.

    Attributes:
        role: What it adds to the lead.
        gain_db: Level below the lead.
        pan: −1 left .. 1 right.
        notes: In order of start, not overlapping.
    """

    role: VocalRole
    gain_db: float = 0.0
    pan: float = 0.0
    notes: tuple[SungNote, ...] = ()


class VocalMode(StrEnum):
    """What the voice sings.

    Attributes:
        HUM: The tune as it was hummed.
        LYRICS: The lyrics, over hummed harmonies.
        BOTH: The lyrics, and the hum with them.
    """

    HUM = "hum"
    LYRICS = "lyrics"
    BOTH = "both"


class WordNote(msgspec.Struct, frozen=True):
    """A note that carries words, in score time.

    Attributes:
        start: Seconds.
        duration: Seconds.
        pitch: MIDI number.
        velocity: 0..1.
        syllables: How many of its line's next syllables are sung on it; 0 goes on with the one before.
    """

    start: float
    duration: float
    pitch: int
    velocity: float
    syllables: int


class WordLine(msgspec.Struct, frozen=True):
    """Words that are sung in one breath: their syllables are those of the notes together."""

    words: Line
    notes: tuple[WordNote, ...]

    @property
    def text(self) -> str:
        """The words as a speech engine must get them, with a space between them."""
        return " ".join(word.spoken for word in self.words)


class Lyric(msgspec.Struct, frozen=True):
    """What is written under a note: one syllable, or all that are sung on it.

    Attributes:
        text: Without hyphens.
        begins: Whether a word begins with it.
        ends: Whether a word ends with it.
        extends: Whether notes without a syllable of their own follow.
    """

    text: str
    begins: bool
    ends: bool
    extends: bool


class LeadSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What a singer needs of a piece: the tune, the chords and the form, all in beats from its start.

    Attributes:
        beats: Of the whole piece.
        melody: What is sung, or what the lead plays where nobody sings.
        chords: Where each begins, and its symbol.
        keys: Where each section begins, and its key.
        sections: Where each begins, and its name.
        lyrics: What is written under each note of the melody; empty where no words are sung.
    """

    beats: float
    melody: tuple[MelodyNote, ...]
    chords: tuple[tuple[float, str], ...]
    keys: tuple[tuple[float, str], ...] = ()
    sections: tuple[tuple[float, str], ...]
    lyrics: tuple[Lyric | None, ...] = ()


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A whole piece, ready to be rendered.

    Attributes:
        duration: Seconds until the music ends.
        tail: Seconds after it in which room and releases fall silent.
        lead: Name of the part that carries the melody.
        space: The sound beyond the notes.
        time_signature: As written: `6/8`.
        bar_lines: Score time of each bar line of `beats_per_bar`, from 0 to the end.
        sheet: The same piece on one page.
        vocals: What the hummer sings.
        words: What is sung of the lyrics, in order; none where nobody asked for words, or there are none to sing.
        vocal_mode: What is heard of the two.
        seed: Every random choice while rendering derives from it.
    """

    style: str
    key: str
    tempo_bpm: float
    beats_per_bar: int
    duration: float
    tail: float
    seed: int
    lead: str
    space: Space
    time_signature: str
    bar_lines: tuple[float, ...]
    sheet: LeadSheet
    sections: tuple[SectionSpan, ...]
    chords: tuple[Chord, ...]
    parts: tuple[Part, ...]
    vocals: tuple[VocalLine, ...]
    words: tuple[WordLine, ...] = ()
    vocal_mode: VocalMode = VocalMode.HUM

    @property
    def quarters_per_bar(self) -> float:
        """The length of the bars of `bar_lines`, in quarter notes."""
        meter = Meter.of(self.time_signature)
        return self.beats_per_bar / meter.score_beats[1] * meter.quarters

    @property
    def quarters_per_minute(self) -> float:
        """The tempo in quarter notes, which files count: in 6/8 a beat has one and a half."""
        meter = Meter.of(self.time_signature)
        return self.tempo_bpm / meter.score_beats[1] * meter.quarters

    def bar_at(self, seconds: float) -> float:
        """Return the place of a time, in bars from the start: 2.5 is the middle of the third."""
        return BeatMap(self.bar_lines).beat(seconds)

    @property
    def progression(self) -> tuple[str, ...]:
        """The chords' symbols in order; a chord that is repeated or held over a section's end counts once."""
        return tuple(symbol for symbol, _ in groupby(chord.symbol for chord in self.chords))

    @property
    def form(self) -> tuple[FormSection, ...]:
        """The sections in order, to the millisecond, each with its key."""
        return tuple(
            FormSection(
                section.name,
                round(section.start, 3),
                round(section.start + section.duration, 3),
                section.bars,
                round(section.energy, 3),
                section.key or self.key,
            )
            for section in self.sections
        )

    @property
    def groups(self) -> tuple[PartGroup, ...]:
        """The groups that have notes to play."""
        playing = {part.group for part in self.parts if part.notes}
        return tuple(group for group in PartGroup if group in playing)
