"""Lead sheets: full measures in any meter, the melody as written, chords and sections where they begin."""

from xml.etree.ElementTree import Element

import pytest
from msgspec.structs import replace

from adapters.audio.codecs.midi import TICKS, notation
from adapters.audio.codecs.musicxml import DIVISIONS, lead_sheet
from domain.music.score import LeadSheet, MelodyNote
from domain.music.theory.chords import SUFFIXES
from domain.music.theory.meter import Meter
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum
from tests.unit.test_arrangement import HUMS, SONG, score, section

KINDS = {
    "major", "minor", "augmented", "diminished", "dominant", "major-seventh", "minor-seventh", "diminished-seventh",
    "half-diminished", "major-sixth", "minor-sixth", "dominant-ninth", "major-ninth", "minor-ninth",
    "suspended-second", "suspended-fourth", "power",
}  # fmt: skip
"""Of MusicXML 4.0, simple type kind-value."""

METERS = ("4/4", "3/4", "6/8", "7/8", "2/2", "12/4", "5/4")


def measures(sheet: Element) -> list[Element]:
    return sheet.findall("./part/measure")


def length(measure: Element) -> int:
    return sum(int(each.text or 0) for each in measure.findall("./note/duration"))


def test_a_melody_up_to_the_end_adds_no_measure() -> None:
    note = MelodyNote(0.0, 8.0, 60, 0.8)
    piece = replace(score(), sheet=LeadSheet(beats=8.0, melody=(note,), chords=(), sections=()))
    assert [length(each) for each in measures(lead_sheet(piece))] == [16, 16]


@pytest.mark.parametrize("signature", METERS)
@pytest.mark.parametrize("who", ["ode", "two minutes", "nobody"])
def test_every_measure_is_full(signature: str, who: str) -> None:
    sheet = lead_sheet(score(HUMS[who], SONG, time_signature=signature))
    meter = Meter.of(signature)
    assert {length(each) for each in measures(sheet)} == {round(meter.bar * meter.quarters * DIVISIONS)}


def test_the_melody_the_chords_and_the_form_are_on_it() -> None:
    piece = score(hum(ODE, phrases=ODE_PHRASES), sections=[section("intro <1>\x07", 0.3, 1), section("theme", 0.8, 8)])
    sheet = lead_sheet(piece)
    steps = [
        step.text
        for note in sheet.iterfind("./part/measure/note")
        for step in note.iterfind("./pitch/step")
        if note.find("./tie[@type='stop']") is None
    ]
    assert steps[:8] == list("EEFGGFED")
    assert len(sheet.findall(".//harmony")) == len(piece.sheet.chords)
    assert [each.text for each in sheet.iterfind(".//rehearsal")] == ["intro <1>", "theme"]
    assert sheet.findtext(".//key/fifths") == "0"


@pytest.mark.parametrize("suffix", SUFFIXES.values())
def test_every_chord_has_a_kind_that_notation_programs_know(suffix: str) -> None:
    piece = replace(score(), sheet=LeadSheet(beats=4.0, melody=(), chords=((0.0, f"Bb{suffix}/D"),), sections=()))
    (harmony,) = lead_sheet(piece).iter("harmony")
    kind = harmony.find("kind")
    assert kind is not None
    assert kind.get("text") == suffix
    assert kind.text in KINDS
    assert [each.tag for each in harmony if each.tag != "degree"] == ["root", "kind", "bass", "offset"]


@pytest.mark.parametrize(
    ("symbol", "kind", "degrees"),
    [
        ("C5", "power", []),
        ("Caug", "augmented", []),
        ("Cdim7", "diminished-seventh", []),
        ("Cm7b5", "half-diminished", []),
        ("Cadd9", "major", ["9"]),
        ("Cmadd9", "minor", ["9"]),
        ("C7sus4", "suspended-fourth", ["7"]),
        ("C13", "other", []),
    ],
)
def test_chords_have_the_kinds_and_degrees_of_musicxml(symbol: str, kind: str, degrees: list[str]) -> None:
    piece = replace(score(), sheet=LeadSheet(beats=4.0, melody=(), chords=((0.0, symbol),), sections=()))
    sheet = lead_sheet(piece)
    assert sheet.findtext(".//harmony/kind") == kind
    assert [each.text for each in sheet.iterfind(".//harmony/degree/degree-value")] == degrees


@pytest.mark.parametrize(("key", "fifths"), [("C", 0), ("Am", 0), ("F", -1), ("Bb", -2), ("F#m", 3), ("Db", -5)])
def test_keys_have_their_signature(key: str, fifths: int) -> None:
    assert lead_sheet(score(key=key)).findtext(".//key/fifths") == str(fifths)


def test_ties_come_in_pairs() -> None:
    sheet = lead_sheet(score(HUMS["two minutes"], SONG))
    ties = [tie.get("type") for tie in sheet.iterfind(".//tie")]
    assert ties.count("start") == ties.count("stop") > 0


@pytest.mark.parametrize(("signature", "quarters"), [("4/4", 100.0), ("6/8", 150.0), ("2/2", 200.0), ("7/8", 100.0)])
def test_midi_has_the_meter_and_counts_quarters(signature: str, quarters: float) -> None:
    piece = score(tempo_bpm=100, time_signature=signature)
    file = notation(piece)
    events = {message.type: message for message in file.tracks[0]}
    meter = events["time_signature"]
    assert f"{meter.numerator}/{meter.denominator}" == signature
    assert events["set_tempo"].tempo == round(60e6 / quarters)
    assert meter.clocks_per_click == 24 * quarters / 100  # the metronome clicks on beats
    ticks = sum(message.time for message in file.tracks[0])
    assert ticks / TICKS / quarters * 60 == pytest.approx(piece.duration, abs=0.02)


LYRICS = "Beautiful <b>star</b> & \u201clight\u201d"


def test_syllables_stand_under_their_notes() -> None:
    sheet = lead_sheet(score(hum(ODE, phrases=ODE_PHRASES), lyrics=LYRICS, metadata={"vocals": "lyrics"}))
    under = [
        (note.findtext("lyric/syllabic"), note.findtext("lyric/text"), note.find("lyric/extend") is not None)
        for note in sheet.iterfind("./part/measure/note[lyric]")
    ]
    written = [(syllabic, text) for syllabic, text, _ in under[:7]]
    assert written == [
        ("begin", "Beau"), ("middle", "ti"), ("end", "ful"), ("single", "b"), ("single", "star"), ("single", "b"),
        ("single", "light"),
    ]  # fmt: skip
    assert any(extends for *_, extends in under)
    assert not any(extends for syllabic, _, extends in under if syllabic in {"begin", "middle"})
    tied_on = [
        note for note in sheet.iterfind("./part/measure/note[lyric]") if note.find("tie[@type='stop']") is not None
    ]
    assert tied_on == []


def test_fast_notes_do_not_push_the_others_back() -> None:
    piece = score(HUMS["ode"])
    fast = tuple(MelodyNote(index / 8, 1 / 8, 60 + index % 2, 0.8) for index in range(32))
    kept = (*fast, MelodyNote(8.0, 2.0, 67, 0.8))
    sheet = lead_sheet(replace(piece, sheet=replace(piece.sheet, melody=kept)))
    assert {length(measure) for measure in measures(sheet)[:3]} == {4 * DIVISIONS}
    (first, *_) = measures(sheet)[2].iter("step")
    assert first.text == "G"


def test_a_hum_has_no_lyrics() -> None:
    assert lead_sheet(score(lyrics=LYRICS)).find(".//lyric") is None


def test_midi_has_the_syllables_where_they_are_sung() -> None:
    piece = score(hum(ODE, phrases=ODE_PHRASES), lyrics="Beautiful caf\u00e9", metadata={"vocals": "both"})
    now, found = 0, list[tuple[int, str]]()
    for message in notation(piece).tracks[0]:
        now += message.time
        if message.type == "lyrics":
            found.append((now, message.text))
    assert [text for _, text in found[:5]] == ["Beau", "ti", "ful ", "ca", "f\u00e9 "]
    starts = [note.start for line in piece.words for note in line.notes if note.syllables]
    assert [at / TICKS / piece.quarters_per_minute * 60 for at, _ in found] == pytest.approx(starts, abs=0.01)
