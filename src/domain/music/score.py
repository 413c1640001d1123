"""What is written and played: melody, chords, parts, sections, and the score that holds them all.

Times are *score time*, seconds into the piece, unless they are in beats. Pitches are MIDI numbers (69 = A4 = 440 Hz);
velocity is 0..1.
"""

from enum import Enum, StrEnum
from itertools import groupby
from operator import attrgetter

import msgspec

from domain.music.instruments import Instrument
from domain.music.space import Space
from domain.music.sung import Lyric, VocalLine, VocalMode, WordLine
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.meter import Meter


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


class PlayedChord(msgspec.Struct, frozen=True):
    """A chord as it was played: its symbol, from `start` to `end` seconds of the piece."""

    symbol: str
    start: float
    end: float


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
        return tuple(chord.symbol for chord in self.harmony)

    @property
    def harmony(self) -> tuple[PlayedChord, ...]:
        """The chords of the progression, to the millisecond."""
        runs = [(symbol, list(run)) for symbol, run in groupby(self.chords, attrgetter("symbol"))]
        return tuple(
            PlayedChord(symbol, round(run[0].start, 3), round(run[-1].start + run[-1].duration, 3))
            for symbol, run in runs
        )

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
