"""What guitars, bossa nova, chips and timpani play: hands that fit a fretboard, claves, riffs, rolls."""

from itertools import pairwise
from random import Random

import pytest
from msgspec.structs import replace

from domain.music.instruments import Drum
from domain.music.styles.claves import Clave
from domain.music.styles.guitars import OPEN_STRINGS, Fingerpicking, Strumming, fingering
from domain.music.styles.latin import ClaveComping, SurdoBass
from domain.music.styles.patterns import Register
from domain.music.styles.power_chords import PowerChords
from domain.music.styles.section_context import NoteEvent, Player, SectionContext
from domain.music.styles.steps import Step
from domain.music.styles.textures import DriftingNotes, FastArpeggio, Timpani
from domain.music.theory.chords import Harmony, TimedChord, vocabulary
from domain.music.theory.scale import Scale
from tests.unit.test_grooves import section

CHORDS: dict[str, Harmony] = {chord.numeral: chord for chord in vocabulary(Scale.of("C"))}
MIDDLE = Register(low=50, lowest_top=62, highest_top=70)


def played(player: Player, context: SectionContext) -> list[NoteEvent]:
    return sorted(player(context, Random(1)))  # noqa: S311 - music


def two_chords(energy: float, *, closing: bool = False) -> SectionContext:
    """Return a bar of C and a bar of F."""
    chords = (TimedChord(0.0, 4.0, CHORDS["I"]), TimedChord(4.0, 4.0, CHORDS["IV"]))
    return replace(section(energy, closing=closing), chords=chords)


@pytest.mark.parametrize(
    ("numeral", "notes"),
    [("I", (48, 52, 55, 60, 64)), ("V", (43, 47, 50, 55, 59, 67)), ("vi", (45, 52, 57, 60, 64))],
)
def test_chords_are_taken_as_a_hand_takes_them(numeral: str, notes: tuple[int, ...]) -> None:
    assert fingering(CHORDS[numeral], 72) == notes


def test_no_string_is_stopped_beyond_the_fourth_fret_or_twice() -> None:
    for chord in CHORDS.values():
        notes = fingering(chord, 66)
        assert len(notes) >= 3
        strings = [max(string for string in OPEN_STRINGS if string <= note) for note in notes]
        assert all(before < after for before, after in pairwise(notes))
        assert strings[0] < strings[1]
        assert {note % 12 for note in notes} <= chord.classes
        assert all(any(string <= note <= string + 4 for string in OPEN_STRINGS) for note in notes)


def test_strokes_go_down_and_up() -> None:
    strumming = Strumming(patterns=("D--u----",), quiet_pattern="d-------", velocity=0.6, top=72)
    events = played(strumming, section(0.8))
    down, up = ([event for event in events if start <= event.start < start + 0.5] for start in (0.0, 1.5))
    assert [event.pitch for event in down] == sorted(event.pitch for event in down)
    assert [event.pitch for event in up] == sorted((event.pitch for event in up), reverse=True)
    assert len(up) < len(down)
    assert max(event.velocity for event in up) < max(event.velocity for event in down)
    assert len(played(strumming, section(0.3))) < len(events)


def test_picked_notes_end_with_their_chord() -> None:
    picking = Fingerpicking(patterns=((0, 2, -1, 2),), velocity=0.5, thumb=0.6, top=67)
    events = played(picking, two_chords(0.5))
    assert len(events) == 16
    assert all(event.start + event.beats <= (4 if event.start < 4 else 8) + 1e-6 for event in events)
    assert events[0].pitch == min(event.pitch for event in events if event.start < 4)


def test_power_chords_are_muted_then_held_and_end_with_a_third() -> None:
    power = PowerChords(low=40, riffs=("Xxxxxxxx",), held_riffs=("X-------",), velocity=0.7)
    quiet, loud = played(power, two_chords(0.5)), played(power, two_chords(0.9))
    assert {event.pitch for event in quiet} == {41, 48, 55}
    assert sum(event.beats < 0.3 for event in quiet) == 2 * 2 * 7
    assert [event.pitch for event in loud] == [48, 55, 60, 41, 48, 53]
    assert all(event.beats > 3 for event in loud)
    last = [event.pitch for event in played(power, section(0.9, closing=True)) if event.start == 4.0]
    assert last == [48, 55, 60, 64]


def test_the_clave_goes_over_two_bars() -> None:
    clave = Clave(Drum.RIM, ((0.0, 0.375, 0.75), (0.25, 0.625)), (0.6,))
    context = section(0.8)
    starts = [event.start for bar in context.groove_bars for event in clave.events(context, bar)]
    assert starts == [0.0, 1.5, 3.0, 5.0, 6.5]
    comping = ClaveComping(register=MIDDLE, claves=(((0.0, 0.375, 0.75), (0.25, 0.625)),), velocity=0.6)
    struck = sorted({event.start for event in played(comping, context)})
    assert struck == [0.0, 1.5, 3.0, 5.0, 6.5]
    assert all(event.start + event.beats <= 4 for event in played(comping, two_chords(0.8)) if event.start < 4)


def test_the_bass_of_a_bossa_alternates_root_and_fifth() -> None:
    bass = SurdoBass(low=31, velocity=0.7, pickup=0.5)
    line = [(event.start, event.pitch) for event in played(bass, two_chords(0.8)) if event.start < 4]
    assert line == [(0.0, 36), (1.5, 31), (2.0, 31), (3.5, 36)]
    assert [event.start for event in played(bass, section(0.2))] == [0.0, 2.0, 4.0, 6.0]


def test_an_arpeggio_is_too_fast_to_count() -> None:
    arpeggio = FastArpeggio(register=MIDDLE, orders=((0, 1, 2),), gates=("xx-xxxxx",), velocity=0.6)
    context = section(0.8)
    events = played(arpeggio, context)
    assert max(event.beats for event in events) * context.beat_seconds < 0.07
    assert not [event for event in events if 1.0 <= event.start % 4 < 1.5]
    assert {event.pitch % 12 for event in events} == {0, 4, 7}


def test_timpani_roll_into_livelier_sections() -> None:
    timpani = Timpani(low=38, beats=((Step.DOWNBEAT,),), velocity=0.7, from_energy=0.5)
    calm, building = played(timpani, section(0.6)), played(timpani, replace(section(0.6), rise=0.3))
    assert [event.start for event in calm] == [0.0, 4.0]
    roll = [event for event in building if event.start > 4]
    assert len(roll) > 20
    assert roll[-1].velocity > 1.5 * roll[0].velocity
    assert {event.pitch for event in building} == {48}


def test_drifting_notes_belong_to_their_chord_and_end_with_it() -> None:
    drifting = DriftingNotes(register=MIDDLE, per_bar=3.0, beats=4.0, velocity=0.5)
    events = played(drifting, two_chords(1.0))
    assert len(events) == 6
    for event in events:
        chord = CHORDS["I"] if event.start < 4 else CHORDS["IV"]
        assert event.pitch % 12 in chord.classes
        assert event.start + event.beats <= (4 if event.start < 4 else 8)
