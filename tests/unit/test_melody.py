"""Notation of a hum: its rhythm on a grid, its pitches in a key, its phrases in full bars."""

from itertools import pairwise

import pytest

from domain.music.composition.phrase_groups import phrase_groups
from domain.music.hum import Analysis
from domain.music.listening.melody import Theme, write_theme
from domain.music.theory.meter import Meter
from domain.music.theory.pitch import pitch_class, spell, to_hz
from domain.music.theory.scale import Scale
from tests.support.hummed_analyses import ODE, ODE_PHRASES, Tune, hum, wander


def written(analysis: Analysis, key: str = "C", tempo: float = 0.0, meter: str = "4/4") -> Theme:
    return write_theme(analysis, Scale.of(key), tempo or analysis.tempo_bpm, Meter.of(meter))


def truth(tune: Tune = ODE) -> list[tuple[float, float, int]]:
    notes, beat = [], 0.0
    for beats, pitch in tune:
        if pitch is not None:
            notes.append((beat, beats, pitch))
        beat += beats
    return notes


@pytest.mark.parametrize("tempo", [62, 100, 140, 190])
def test_exact_hum_is_written_exactly(tempo: float) -> None:
    theme = written(hum(tempo=tempo, phrases=ODE_PHRASES, tuning_cents=37))
    assert [note.start for note in theme.notes] == pytest.approx([start for start, _, _ in truth()])
    assert [note.pitch for note in theme.notes] == [pitch for _, _, pitch in truth()]
    assert theme.bars == 8
    assert [note.source for note in theme.notes] == list(range(30))


@pytest.mark.parametrize("tempo", [80, 120, 150])
def test_loose_onsets_find_their_beats(tempo: float) -> None:
    off = [
        abs(note.start - start)
        for seed in range(10)
        for note, (start, _, _) in zip(
            written(hum(tempo=tempo, phrases=ODE_PHRASES, loose=0.03, seed=seed)).notes, truth(), strict=True
        )
    ]
    assert sum(error < 0.05 for error in off) / len(off) > 0.95


def test_notes_do_not_overlap_and_start_in_order() -> None:
    tune, phrases = wander(120)
    for seed in range(5):
        notes = written(hum(tune, phrases=phrases, loose=0.08, seed=seed)).notes
        assert all(note.start + note.beats <= after.start + 1e-9 for note, after in pairwise(notes))
        assert all(note.beats > 0 for note in notes)
        assert notes[0].start >= 0


def test_triplets_are_kept() -> None:
    third = 1 / 3
    tune = [(third, 60), (third, 62), (third, 64), (1, 65), (third, 64), (third, 62), (third, 60), (1, 60)]
    starts = [note.start for note in written(hum(tune, tempo=90)).notes]
    assert starts == pytest.approx([start for start, _, _ in truth(tune)])


def test_compound_meter_keeps_its_eighths() -> None:
    third = 1 / 3
    tune = [(2 * third, 60), (third, 62), (2 * third, 64), (third, 62), (1, 60), (1, 60)]
    theme = written(hum(tune, tempo=70, time_signature="6/8"), meter="6/8")
    assert [note.start for note in theme.notes] == pytest.approx([start for start, _, _ in truth(tune)])
    assert theme.bars == 2


@pytest.mark.parametrize(("wanted", "factor"), [(120, 2.0), (60, 1.0), (70, 1.0), (30, 0.5)])
def test_metrical_multiples_keep_the_seconds_other_tempos_the_beats(wanted: float, factor: float) -> None:
    theme = written(hum(tempo=60), tempo=wanted)
    assert theme.notes[3].start == pytest.approx(3 * factor)


def test_late_phrase_moves_as_a_whole() -> None:
    analysis = hum([(1, 60), (1, 62), (2, 64), (1.12, 65), (1, 67), (1.88, 60)], phrases=(0, 3))
    assert [note.start for note in written(analysis).notes] == pytest.approx([0, 1, 2, 4, 5, 6], abs=0.02)


def test_sour_notes_go_to_the_scale_and_clear_chromatic_ones_stay() -> None:
    analysis = hum([(1, 60), (1, 62), (1, 64), (1, 66), (1, 67)])
    pitches = [note.pitch for note in written(analysis).notes]
    assert pitches == [60, 62, 64, 66, 67]
    sour = hum([(1, 60), (1, 62), (1, 64), (1, 66), (1, 67)], tuning_cents=-42)
    untuned = Analysis(**{name: getattr(sour, name) for name in sour.__struct_fields__} | {"tuning_cents": 0.0})
    assert [note.pitch for note in written(untuned).notes] == [60, 62, 64, 65, 67]


@pytest.mark.parametrize(
    ("key", "pitches"),
    [
        ("C", [60, 64, 67, 72]),
        ("D", [62, 66, 69, 74]),
        ("A", [57, 61, 64, 69]),
        ("Cm", [60, 63, 67, 72]),
        ("Am", [60, 64, 67, 72]),
    ],
)
def test_another_key_moves_the_melody_the_shortest_way(key: str, pitches: list[int]) -> None:
    theme = written(hum([(1, 60), (1, 64), (1, 67), (1, 72)]), key)
    assert [note.pitch for note in theme.notes] == pitches


def test_pickup_comes_before_the_first_bar_line() -> None:
    tune = [(3.0, None), (1.0, 55), *ODE[:14], (1.0, 50)]
    analysis = hum(tune, first_beat=-1.5, phrases=(0,))
    theme = written(analysis)
    assert theme.notes[0].start == pytest.approx(3)
    (group,) = phrase_groups(theme, Meter.of("4/4"), 0.6)
    assert group.pickup == pytest.approx(1)
    assert group.bars == 4


def test_phrase_groups_keep_every_note_and_are_short() -> None:
    tune, phrases = wander(150)
    theme = written(hum(tune, phrases=phrases))
    groups = phrase_groups(theme, Meter.of("4/4"), 0.6)
    assert sum(len(group.notes) for group in groups) == 150
    assert all(group.bars * 4 * 0.6 <= 24 for group in groups)
    assert all(group.bars % 2 == 0 for group in groups)


def test_phrase_without_a_breath_is_divided() -> None:
    tune = [(1, 60 + index % 5) for index in range(120)]
    groups = phrase_groups(written(hum(tune)), Meter.of("4/4"), 0.6)
    assert len(groups) > 3
    assert sum(len(group.notes) for group in groups) == 120


@pytest.mark.parametrize("name", ["C", "F#m", "Bb", "G#m", "Ebm", "A"])
def test_keys_have_seven_steps_an_octave(name: str) -> None:
    scale = Scale.of(name)
    steps = [scale.move(60, step) for step in range(8)]
    assert steps[7] == steps[0] + 12
    assert sorted(set(steps)) == steps
    assert all(scale.contains(step) for step in steps)
    assert Scale.of(scale.name) == scale


def test_pitch_names_and_frequencies() -> None:
    assert (pitch_class("Bb"), pitch_class("F#"), pitch_class("Cb")) == (10, 6, 11)
    assert (spell(61, flats=True), spell(61, flats=False)) == ("Db", "C#")
    assert [to_hz(pitch) for pitch in (57, 69, 69.5)] == pytest.approx([220, 440, 452.893], abs=0.001)
    with pytest.raises(ValueError, match="H"):
        pitch_class("H")


@pytest.mark.parametrize(
    ("signature", "bar", "step"),
    [("4/4", 4, 0.5), ("3/4", 3, 0.5), ("6/8", 2, 1 / 3), ("5/4", 5, 0.5), ("7/8", 3.5, 0.5), ("2/2", 2, 0.5)],
)
def test_meters(signature: str, bar: float, step: float) -> None:
    meter = Meter.of(signature)
    assert (meter.bar, meter.per_written) == (bar, 1)
    assert meter.step == pytest.approx(step)
    assert meter.steps[-1] == pytest.approx(bar - step)
    assert all(0 <= beat < bar for beat in (*meter.accents, *meter.backbeats))
