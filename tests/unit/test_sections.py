"""Sections: previews of 15–30 s and songs of at most three minutes, whatever the tempo, the meter and the hum."""

from itertools import product

import pytest
from msgspec.structs import replace

from domain.music.brief import PREVIEW_LENGTH, SONG_LENGTH, Brief, SectionPlan
from domain.music.composition.phrase_groups import phrase_groups
from domain.music.composition.section_words import role_of
from domain.music.composition.sections import PlayedSection, fit_sections, plan_preview, plan_song
from domain.music.composition.theme import theme_of
from domain.music.composition.theme_placement import place_theme
from domain.music.hum import Analysis
from domain.music.listening.melody import write_theme
from domain.music.score import SectionRole
from domain.music.styles.registry import STYLES
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale
from tests.support.hummed_analyses import ODE, hum, wander

TEMPOS = (40, 61, 95, 128, 173, 220)
METERS = ("4/4", "3/4", "6/8", "5/4", "7/8", "2/2", "12/8", "12/4", "1/8", "17/16")
LENGTHS = (1, 3, 14, 40, 200)
KINDS = (PREVIEW_LENGTH, SONG_LENGTH)
BRIEF = Brief(
    style=STYLES["cinematic"],
    key="C",
    tempo_bpm=100,
    time_signature="4/4",
    sections=(),
    length=PREVIEW_LENGTH,
    seed=7,
)


def wandering(count: int, tempo: int) -> Analysis:
    tune, phrases = wander(count)
    return hum(tune, tempo=tempo, phrases=phrases)


def seconds(brief: Brief) -> float:
    """Return how long the brief's sections are played, tail included."""
    bars = sum(section.bars for section in fit_sections(brief))
    return bars * brief.meter.bar * brief.beat_seconds + brief.style.tail


@pytest.mark.parametrize("signature", METERS)
def test_default_previews_last_15_to_30_seconds(signature: str) -> None:
    for tempo, count in product(TEMPOS, LENGTHS):
        brief = replace(BRIEF, tempo_bpm=tempo, time_signature=signature, analysis=wandering(count, tempo))
        planned = replace(brief, sections=plan_preview(brief))
        assert 15 <= seconds(planned) <= 30, (tempo, count)
        assert any(section.role is not SectionRole.QUIET for section in fit_sections(planned))


@pytest.mark.parametrize("signature", METERS)
def test_default_songs_last_75_to_120_seconds_unless_the_hum_is_long(signature: str) -> None:
    song = replace(BRIEF, time_signature=signature, length=SONG_LENGTH)
    for tempo, count in product(TEMPOS, LENGTHS):
        analysis = wandering(count, tempo)
        brief = replace(song, tempo_bpm=tempo, analysis=analysis)
        planned = replace(brief, sections=plan_song(brief))
        longest = 125 if analysis.duration < 40 else 180
        assert 70 <= seconds(planned) <= longest or brief.meter.per_written != 1, (tempo, count)
        assert seconds(planned) <= 180


@pytest.mark.parametrize("count", [30, 60, 100, 150])
def test_a_long_hum_is_sung_whole(count: int) -> None:
    analysis = wandering(count, 100)
    brief = replace(BRIEF, length=SONG_LENGTH, analysis=analysis)
    sections = fit_sections(replace(brief, sections=plan_song(brief)))
    sung = place_theme(sections, theme_of(brief), brief.scale, brief.meter, 7).melodies
    sources = {note.source for notes in sung for note in notes}
    assert len(sources) >= 0.95 * len(analysis.notes)


def test_default_song_has_contrast() -> None:
    sections = plan_song(replace(BRIEF, length=SONG_LENGTH, analysis=wandering(40, 100)))
    names = [section.name for section in sections]
    assert names[0] == "intro"
    assert names[-2:] == ["chorus", "outro"]
    assert {"verse", "chorus", "bridge"} <= set(names)
    energy = {section.name: section.energy for section in sections}
    assert energy["intro"] < energy["verse"] < energy["chorus"]


def test_short_hum_is_stated_twice_in_a_preview_and_grows() -> None:
    sections = plan_preview(replace(BRIEF, analysis=wandering(4, 100)))
    assert [section.name for section in sections] == ["build", "theme", "lift", "ending"]
    assert sections[1].energy < sections[2].energy


@pytest.mark.parametrize("bars", [1, 2, 5, 16, 256])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
@pytest.mark.parametrize("names", [("verse",), ("intro",), ("intro", "verse"), ("build", "chorus", "outro")])
def test_own_sections_are_trimmed_or_extended(bars: int, count: int, names: tuple[str, ...]) -> None:
    sections = tuple(SectionPlan(names[index % len(names)], bars, 0.5) for index in range(count))
    for tempo, signature, length in product((40, 97, 220), ("4/4", "7/8", "12/4"), KINDS):
        brief = replace(BRIEF, tempo_bpm=tempo, time_signature=signature, length=length, sections=sections)
        fitted = fit_sections(brief)
        assert any(section.role is not SectionRole.QUIET for section in fitted)
        assert all(section.bars >= 1 for section in fitted)
        if length is PREVIEW_LENGTH:
            assert 15 <= seconds(brief) <= 30
        else:
            assert seconds(brief) <= 180


def test_sections_that_fit_stay_as_they_are() -> None:
    sections = (SectionPlan("intro", 2, 0.1), SectionPlan("chorus", 8, 0.9))
    assert fit_sections(replace(BRIEF, tempo_bpm=120, sections=sections)) == (
        PlayedSection("intro", 2, 0.1, SectionRole.QUIET),
        PlayedSection("chorus", 8, 0.9, SectionRole.HOOK),
    )


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Intro", SectionRole.QUIET),
        ("build-up", SectionRole.QUIET),
        ("Outro 2", SectionRole.QUIET),
        ("pre-chorus", SectionRole.HOOK),
        ("verse 1", SectionRole.VERSE),
        ("???", SectionRole.VERSE),
        ("The Drop", SectionRole.HOOK),
    ],
)
def test_names_decide_the_role(name: str, role: SectionRole) -> None:
    assert role_of(name) is role


def test_the_theme_sounds_whole_and_varied_when_it_is_stated_again() -> None:
    meter = Meter.of("4/4")
    (group,) = phrase_groups(write_theme(hum(ODE), Scale.of("C"), 100, meter), meter, 0.6)
    sections = (
        PlayedSection("intro", 2, 0.2, SectionRole.QUIET),
        PlayedSection("verse", 8, 0.5, SectionRole.VERSE),
        PlayedSection("chorus", 16, 0.9, SectionRole.HOOK),
    )
    quiet, verse, chorus = place_theme(sections, (group,), Scale.of("C"), meter, 7).melodies
    assert quiet == ()
    assert [note.pitch for note in verse] == [note.pitch for note in group.notes]
    assert verse[0].start == 8
    starts = {note.start: note.pitch for note in chorus}
    kept = [starts.get(note.start + 40 + times, -1) == note.pitch for note in group.notes for times in (0, 32)]
    assert sum(kept) / len(kept) > 0.6  # varied, and still the same tune
    assert [note.pitch for note in chorus] != 2 * [note.pitch for note in group.notes]


def test_pickup_sounds_before_its_section() -> None:
    meter = Meter.of("4/4")
    tune = [(3.0, None), (1.0, 55), *ODE[:14], (1.0, 50)]
    groups = phrase_groups(write_theme(hum(tune, first_beat=-1.5), Scale.of("C"), 100, meter), meter, 0.6)
    build = PlayedSection("build", 1, 0.2, SectionRole.QUIET)
    verse = PlayedSection("verse", 4, 0.5, SectionRole.VERSE)
    _, after_a_build = place_theme((build, verse), groups, Scale.of("C"), meter, 7).melodies
    assert after_a_build[0].start == pytest.approx(3)
    alone = (PlayedSection("verse", 5, 0.5, SectionRole.VERSE),)
    (at_once,) = place_theme(alone, groups, Scale.of("C"), meter, 7).melodies
    assert at_once[0].start == pytest.approx(3)
