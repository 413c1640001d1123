"""Form: previews of 15–30 s and songs of at most three minutes, whatever the tempo, the meter and the hum."""

from itertools import product

import pytest

from domain.blueprints.blueprint import OutputKind, Section
from domain.music.composition.phrase_groups import Strain, strains
from domain.music.composition.sections import Role, Span, plan, preview_sections, role_of, song_sections
from domain.music.composition.theme_placement import place
from domain.music.listening.melody import write
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale
from tests.support.tunes import ODE, hum, wander

TEMPOS = (40, 61, 95, 128, 173, 220)
METERS = ("4/4", "3/4", "6/8", "5/4", "7/8", "2/2", "12/8", "12/4", "1/8", "17/16")
LENGTHS = (1, 3, 14, 40, 200)
TAIL = 3.4


def strains_of(count: int, tempo: float, meter: Meter) -> tuple[Strain, ...]:
    tune, phrases = wander(count)
    return strains(write(hum(tune, tempo=tempo, phrases=phrases), Scale.of("C"), tempo, meter), meter, 60 / tempo)


def seconds(spans: tuple[Span, ...], meter: Meter, tempo: float) -> float:
    return sum(span.bars for span in spans) * meter.bar * 60 / tempo


@pytest.mark.parametrize("signature", METERS)
def test_default_previews_last_15_to_30_seconds(signature: str) -> None:
    meter = Meter.of(signature)
    for tempo, count in product(TEMPOS, LENGTHS):
        sections = preview_sections(strains_of(count, tempo, meter)[0], meter, 60 / tempo, TAIL)
        spans = plan(sections, OutputKind.PREVIEW, meter, 60 / tempo, TAIL)
        assert 15 <= seconds(spans, meter, tempo) + TAIL <= 30, (tempo, count)
        assert any(span.role is not Role.QUIET for span in spans)


@pytest.mark.parametrize("signature", METERS)
def test_default_songs_last_75_to_120_seconds(signature: str) -> None:
    meter = Meter.of(signature)
    for tempo, count in product(TEMPOS, LENGTHS):
        sections = song_sections(strains_of(count, tempo, meter), meter, 60 / tempo)
        spans = plan(sections, OutputKind.SONG, meter, 60 / tempo, TAIL)
        assert 70 <= seconds(spans, meter, tempo) + TAIL <= 125 or meter.per_written != 1, (tempo, count)
        assert seconds(spans, meter, tempo) + TAIL <= 180


def test_default_song_has_contrast() -> None:
    meter = Meter.of("4/4")
    sections = song_sections(strains_of(40, 100, meter), meter, 0.6)
    names = [section.name for section in sections]
    assert names == ["intro", "verse", "chorus", "verse", "chorus", "outro"]
    energy = {section.name: section.energy for section in sections}
    assert energy["intro"] < energy["verse"] < energy["chorus"]


def test_short_hum_is_told_twice_in_a_preview_and_grows() -> None:
    meter = Meter.of("4/4")
    sections = preview_sections(strains_of(4, 100, meter)[0], meter, 0.6, TAIL)
    assert [section.name for section in sections] == ["build", "theme", "climax", "ending"]
    assert sections[1].energy < sections[2].energy


@pytest.mark.parametrize("bars", [1, 2, 5, 16, 256])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
@pytest.mark.parametrize("names", [("verse",), ("intro",), ("intro", "verse"), ("build", "chorus", "outro")])
def test_own_sections_are_trimmed_or_extended(bars: int, count: int, names: tuple[str, ...]) -> None:
    sections = tuple(Section(name=names[index % len(names)], bars=bars) for index in range(count))
    for tempo, signature, kind in product((40, 97, 220), ("4/4", "7/8", "12/4"), OutputKind):
        meter = Meter.of(signature)
        spans = plan(sections, kind, meter, 60 / tempo, TAIL)
        total = seconds(spans, meter, tempo) + TAIL
        assert any(span.role is not Role.QUIET for span in spans)
        assert all(span.bars >= 1 for span in spans)
        if kind is OutputKind.PREVIEW:
            assert 15 <= total <= 30
        else:
            assert total <= 180


def test_sections_that_fit_stay_as_they_are() -> None:
    sections = (Section(name="intro", bars=2, energy=0.1), Section(name="chorus", bars=8, energy=0.9))
    spans = plan(sections, OutputKind.PREVIEW, Meter.of("4/4"), 0.5, TAIL)
    assert spans == (Span("intro", 2, 0.1, Role.QUIET), Span("chorus", 8, 0.9, Role.HOOK))


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Intro", Role.QUIET),
        ("build-up", Role.QUIET),
        ("Outro 2", Role.QUIET),
        ("pre-chorus", Role.HOOK),
        ("verse 1", Role.VERSE),
        ("???", Role.VERSE),
        ("The Drop", Role.HOOK),
    ],
)
def test_names_tell_what_sections_are_for(name: str, role: Role) -> None:
    assert role_of(name) is role


def test_the_theme_sounds_whole_and_from_the_beginning_in_every_section_that_tells_it() -> None:
    meter = Meter.of("4/4")
    (theme,) = strains(write(hum(ODE), Scale.of("C"), 100, meter), meter, 0.6)
    spans = (
        Span("intro", 2, 0.2, Role.QUIET),
        Span("verse", 8, 0.5, Role.VERSE),
        Span("chorus", 16, 0.9, Role.HOOK),
    )
    quiet, verse, chorus = place(spans, (theme,), meter)
    assert quiet == ()
    assert [note.pitch for note in verse] == [note.pitch for note in theme.notes]
    assert verse[0].start == 8
    assert [note.pitch for note in chorus] == 2 * [note.pitch for note in theme.notes]


def test_pickup_sounds_before_its_section() -> None:
    meter = Meter.of("4/4")
    tune = [(3.0, None), (1.0, 55), *ODE[:14], (1.0, 50)]
    theme = strains(write(hum(tune, first_beat=-1.5), Scale.of("C"), 100, meter), meter, 0.6)
    build = Span("build", 1, 0.2, Role.QUIET)
    verse = Span("verse", 4, 0.5, Role.VERSE)
    _, after_a_build = place((build, verse), theme, meter)
    assert after_a_build[0].start == pytest.approx(3)
    (at_once,) = place((Span("verse", 5, 0.5, Role.VERSE),), theme, meter)
    assert at_once[0].start == pytest.approx(3)
