"""Analysis of notes, with and without hints."""

import pytest

from domain.errors import BadAudio
from domain.music.listening.analysis import analyze_notes
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
