"""Grooves: steps in any meter, tiers of energy, and what leads from one section to the next."""

from random import Random

import pytest

from domain.music.instruments import Drum
from domain.music.score import SectionRole
from domain.music.styles.grooves import Crash, FinalHit, Groove, Hits
from domain.music.styles.section_context import SectionContext
from domain.music.styles.steps import Step, beats_of
from domain.music.theory.chords import TimedChord, vocabulary
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

GROOVE = Groove(
    from_energy=0.2,
    rows=(
        Hits(Drum.KICK, Step.DOWNBEAT, (0.8,)),
        Hits(Drum.SNARE, Step.BACKBEATS, (0.7,), from_energy=0.5),
        Hits(Drum.SHAKER, Step.EIGHTHS, (0.4, 0.2), below_energy=0.5),
    ),
    crash=Crash(0.8, from_energy=0.6),
    ending=(FinalHit(Drum.RIDE, 2, 0.4), FinalHit(Drum.CRASH, 4, 0.6, from_energy=0.7)),
)


def section(energy: float, *, signature: str = "4/4", closing: bool = False, arrival: float = 0.0) -> SectionContext:
    """Return two bars on the tonic of C."""
    meter = Meter.of(signature)
    chord = TimedChord(0.0, 2 * meter.bar, vocabulary(Scale.of("C"))[0])
    return SectionContext(
        role=SectionRole.VERSE,
        energy=energy,
        start=0.0,
        bars=2,
        meter=meter,
        key=Scale.of("C"),
        chords=(chord,),
        melody=(),
        lead=(),
        quote=(),
        ceiling=71,
        closing=closing,
        rise=0.0,
        arrival=arrival,
        beat_seconds=0.5,
    )


def played(context: SectionContext) -> list[tuple[int, float]]:
    return sorted((event.pitch, event.start) for event in GROOVE(context, Random(1)))  # noqa: S311 - music


@pytest.mark.parametrize(
    ("step", "signature", "beats"),
    [
        (Step.ACCENTS, "4/4", [0, 1, 2, 3]),
        (Step.BACKBEATS, "4/4", [1, 3]),
        (Step.BACKBEATS, "3/4", [2]),
        (Step.EIGHTHS, "3/4", [0, 0.5, 1, 1.5, 2, 2.5]),
        (Step.EIGHTHS, "6/8", [0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3]),
        (Step.OFF_BEATS, "4/4", [1.5, 3.5]),
        (Step.BETWEEN, "4/4", [0.5, 1.5, 2, 2.5, 3.5]),
        (Step.SIXTEENTHS_OFF, "2/4", [0.25, 0.75, 1.25, 1.75]),
        (Step.LAST_EIGHTH, "7/8", [3.0]),
    ],
)
def test_steps_follow_the_meter(step: Step, signature: str, beats: list[float]) -> None:
    assert beats_of(step, 0.0, Meter.of(signature)) == pytest.approx(beats)


def test_rows_play_in_their_tiers_of_energy() -> None:
    kicks = [(Drum.KICK, 0.0), (Drum.KICK, 4.0)]
    assert played(section(0.1)) == []
    assert played(section(0.3)) == [*kicks, *((Drum.SHAKER, step / 2) for step in range(16))]
    assert played(section(0.5)) == [*kicks, *((Drum.SNARE, float(beat)) for beat in (1, 3, 5, 7))]


def test_velocities_take_turns_and_follow_the_energy() -> None:
    def shakers(energy: float) -> list[float]:
        return [event.velocity for event in GROOVE(section(energy), Random(1)) if event.pitch == Drum.SHAKER]  # noqa: S311

    assert shakers(0.4)[0] == 2 * shakers(0.4)[1] == shakers(0.4)[2]
    assert shakers(0.4)[0] > shakers(0.2)[0]


@pytest.mark.parametrize(("energy", "arrival", "crashes"), [(0.8, 0.2, 1), (0.8, -0.1, 0), (0.5, 0.2, 0)])
def test_a_crash_marks_arrivals_with_energy(energy: float, arrival: float, crashes: int) -> None:
    assert [drum for drum, _ in played(section(energy, arrival=arrival))].count(Drum.CRASH) == crashes


def test_the_last_bar_of_a_piece_has_the_ending_only() -> None:
    last_bar = [drum for drum, start in played(section(0.5, closing=True)) if start >= 4]
    assert last_bar == [Drum.RIDE]
    fallen = [drum for drum, start in played(section(0.5, closing=True, arrival=-0.3)) if start >= 4]
    assert fallen == [Drum.CRASH, Drum.RIDE]
