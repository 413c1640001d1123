"""Pieces that somebody asked for to see what happens: they are refused early, or become music."""

from typing import Any

import msgspec
import pytest

from adapters.audio.codecs import midi, musicxml
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.metadata import to_json
from domain.blueprints.validation import parse_partial
from domain.errors import InvalidBlueprint
from domain.music.styles.registry import meaning_of
from domain.music.theory.chord_symbols import parse_chord
from domain.music.theory.meter import Meter
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum
from tests.unit.test_arrangement import SONG, part, score, section

ANALYSIS = to_json(hum(ODE, phrases=ODE_PHRASES))


@pytest.mark.parametrize("beats", [[0, 1e-300], [0, 5e-324], [0.5, 0.5 + 1e-12], [1, 1.05]])
def test_beats_that_nobody_can_play_are_refused(beats: list[float]) -> None:
    with pytest.raises(InvalidBlueprint, match="beats"):
        parse_partial({"metadata": {"analysis": {**ANALYSIS, "beats": beats}}})


@pytest.mark.parametrize(("field", "value"), [("key_confidence", 1e308), ("tempo_confidence", -7)])
def test_confidences_are_shares(field: str, value: float) -> None:
    with pytest.raises(InvalidBlueprint, match=field):
        parse_partial({"metadata": {"analysis": {**ANALYSIS, field: value}}})


@pytest.mark.parametrize("kind", list(OutputKind))
@pytest.mark.parametrize("who", [hum(), None])
@pytest.mark.parametrize(
    "sections",
    [
        [section("instrumental", 0.5)],
        [section("intro", 0.3, 2), section("guitar solo", 0.8), section("outro", 0.3, 2)],
        [section("solo", 0.7, 100), section("verse", 0.5)],
    ],
)
def test_a_piece_of_solos_is_played(sections: list[dict[str, Any]], who: Any, kind: OutputKind) -> None:
    piece = score(who, kind, sections=sections)
    assert len(part(piece, "lead").notes) > 4


@pytest.mark.parametrize("signature", ["5/5", "4/3", "7/7", "6/9", "12/12"])
def test_note_values_are_powers_of_two(signature: str) -> None:
    with pytest.raises(InvalidBlueprint, match="time_signature"):
        parse_partial({"time_signature": signature})


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 9, 12, 17])
@pytest.mark.parametrize("unit", [1, 2, 4, 8, 16, 32])
def test_every_other_meter_is_notated_as_it_is_played(count: int, unit: int) -> None:
    piece = score(kind=SONG, time_signature=f"{count}/{unit}", tempo_bpm=100)
    meter = Meter.of(f"{count}/{unit}")
    played, value = (int(number) for number in meter.signature.split("/"))
    assert played / value == pytest.approx(meter.bar * meter.quarters / 4)
    event = next(event for event in midi.notation(piece).tracks[0] if event.type == "time_signature")
    assert (event.numerator, event.denominator) == (played, value)
    sheet = musicxml.lead_sheet(piece)
    assert sheet.findtext(".//time/beats") == str(played)
    assert sheet.findtext(".//time/beat-type") == str(value)


def test_symbols_of_users_are_not_kept_for_ever() -> None:
    for number in range(5000):
        parse_chord(f"H{number}")
    assert parse_chord.cache_info().currsize <= 1024


@pytest.mark.parametrize("text", ["funk", "a funeral march", "my grandmother", "hardly any drums"])
def test_words_that_only_begin_like_moods_are_none(text: str) -> None:
    assert meaning_of(text).moods == ()


def test_the_analysis_of_a_hum_is_accepted() -> None:
    analysis = msgspec.json.decode(msgspec.json.encode(ANALYSIS))
    assert parse_partial({"metadata": {"analysis": analysis}})["metadata"]["analysis"] == analysis
