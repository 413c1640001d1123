"""Analysis of notes, with and without hints."""

from itertools import pairwise
from typing import get_type_hints

import msgspec
import pytest

from domain.blueprints.metadata import analysis_problems, read_analysis, to_json
from domain.errors import BadAudio
from domain.music.hum import Analysis
from domain.music.listening.analysis import analyze_notes
from domain.music.listening.melody import write_theme
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale
from tests.support.melodies import our_tune
from tests.support.performances import perform_melody, written

TUNE = perform_melody(our_tune(), 2)


def test_analyzes_our_tune() -> None:
    analysis = analyze_notes(TUNE.notes, 17.0, {})
    assert (analysis.key, analysis.time_signature, analysis.phrases) == ("Dm", "4/4", TUNE.melody.phrases)
    assert analysis.tempo_bpm == pytest.approx(120, rel=0.02)
    assert analysis.first_beat == pytest.approx(TUNE.first_beat, abs=0.08)
    assert analysis.tuning_cents == pytest.approx(TUNE.tuning_cents, abs=8)
    assert (analysis.duration, analysis.notes) == (17.0, TUNE.notes)


def test_hints_that_fit_are_followed() -> None:
    hints = {"key": "F", "tempo_bpm": 60, "time_signature": "2/4", "style": "lofi"}
    analysis = analyze_notes(TUNE.notes, 17.0, {**hints, "key": "Dm"})
    assert (analysis.key, analysis.tempo_bpm, analysis.time_signature) == ("Dm", 60.0, "2/4")
    assert analysis.key_confidence == 1.0


def test_a_fixed_key_keeps_its_spelling() -> None:
    notes = written("66:1 68:1 70:1 71:1 73:2 71:1 70:1 68:1 66:2")
    assert analyze_notes(notes, 9.0, {}).key == "F#"
    assert analyze_notes(notes, 9.0, {"key": "Gb"}).key == "Gb"


def test_hints_that_the_hum_contradicts_are_ignored() -> None:
    analysis = analyze_notes(TUNE.notes, 17.0, {"key": "B", "tempo_bpm": 97})
    assert analysis.key == "Dm"
    assert analysis.tempo_bpm == pytest.approx(120, rel=0.02)


@pytest.mark.parametrize("signature", ["3/4", "6/8", "7/8", "12/8", "5/4", "1/16", "99/99"])
def test_any_valid_meter_is_counted(signature: str) -> None:
    analysis = analyze_notes(TUNE.notes, 17.0, {"time_signature": signature})
    assert analysis.time_signature == signature
    assert -5 < analysis.first_beat < 5


def test_a_single_note_is_enough() -> None:
    analysis = analyze_notes(written("64:4"), 3.0, {})
    assert (len(analysis.notes), analysis.phrases, analysis.tempo_confidence) == (1, (0,), 0.0)


def test_no_notes_are_bad_audio() -> None:
    with pytest.raises(BadAudio) as refused:
        analyze_notes([], 3.0, {})
    assert refused.value.code == "hum_without_pitch"


def test_what_was_meant_is_in_the_analysis() -> None:
    analysis = analyze_notes(TUNE.notes, 17.0, {})
    assert analysis.written == tuple(note.pitch for note in TUNE.melody.notes)
    assert analysis.tuning_curve == pytest.approx([TUNE.tuning_cents] * len(TUNE.notes), abs=15)
    assert (analysis.beats[0], analysis.key_candidates[0].key) == (analysis.first_beat, analysis.key)
    assert analysis.tempo_candidates[0].tempo_bpm == analysis.tempo_bpm
    assert [after - before for before, after in pairwise(analysis.beats)] == pytest.approx(
        [0.5] * (len(analysis.beats) - 1), abs=0.03
    )


NEW_FIELDS = {"written", "tuning_curve", "beats", "key_candidates", "tempo_candidates"}


def test_an_analysis_of_the_version_before_is_read_and_written_as_before() -> None:
    document = to_json(analyze_notes(TUNE.notes, 17.0, {}))
    older = read_analysis({"analysis": {name: document[name] for name in document.keys() - NEW_FIELDS}})
    newer = read_analysis({"analysis": document})
    assert older is not None
    assert newer is not None
    themes = [write_theme(one, Scale.of(one.key), one.tempo_bpm, Meter.of("4/4")) for one in (older, newer)]
    assert [note.pitch for note in themes[0].notes] == [note.pitch for note in themes[1].notes]
    assert [note.start for note in themes[0].notes] == pytest.approx([note.start for note in themes[1].notes], abs=0.1)


def test_the_version_before_reads_an_analysis_of_this_one() -> None:
    kept = [(name, kind) for name, kind in get_type_hints(Analysis).items() if name not in NEW_FIELDS]
    before = msgspec.defstruct("AnalysisBefore", kept)
    assert msgspec.convert(to_json(analyze_notes(TUNE.notes, 17.0, {})), before).key == "Dm"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "value"), [("beats", [1.0, 0.5]), ("written", [60]), ("tuning_curve", [0.0]), ("written", [200])]
)
def test_an_analysis_that_contradicts_itself_is_refused(field: str, value: list[float]) -> None:
    document = to_json(analyze_notes(TUNE.notes, 17.0, {})) | {field: value}
    assert any(f"/metadata/analysis/{field}" in problem.pointer for problem in analysis_problems(document))


def test_a_free_take_is_written_by_its_beats() -> None:
    tune = " ".join(["60:1 62:1 64:1 65:1 67:1 65:1 64:1 62:1"] * 3 + ["60:4"])
    free = [
        msgspec.structs.replace(note, onset=note.onset + 0.012 * note.onset**2) for note in written(tune, tempo_bpm=110)
    ]
    analysis = analyze_notes(free, 30.0, {"time_signature": "4/4"})
    theme = write_theme(analysis, Scale.of(analysis.key), analysis.tempo_bpm, Meter.of("4/4"))
    steps = [after.start - before.start for before, after in pairwise(theme.notes)]
    assert steps == pytest.approx([steps[0]] * len(steps), abs=0.13)


@pytest.mark.parametrize("count", [2, 3, 400])
def test_any_number_of_notes_has_bounded_results(count: int) -> None:
    notes = written(" ".join(f"{60 + index % 5}:{1 + index % 2}" for index in range(count)), tempo_bpm=200)
    analysis = analyze_notes(notes, 600.0, {})
    assert len(analysis.written) == len(analysis.tuning_curve) == count
    assert analysis.beats[-1] >= notes[-1].onset
    assert len(analysis.key_candidates) <= 5
    assert not analysis_problems(to_json(analysis))
