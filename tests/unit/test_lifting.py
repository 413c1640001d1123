"""The lift: the last chorus of a song sounds higher, in a key of its own, and everything follows it."""

import pytest

from adapters.audio.codecs.midi import notation
from adapters.audio.codecs.musicxml import lead_sheet
from domain.music.styles.registry import STYLES
from domain.music.theory.scale import Scale
from tests.support.hummed_analyses import hum
from tests.unit.test_arrangement import PREVIEW, SONG, part, score, section

LIFTED = [name for name, style in STYLES.items() if style.lift]


@pytest.mark.parametrize("style", LIFTED)
def test_the_last_chorus_is_higher_and_so_is_what_follows(style: str) -> None:
    piece, lift = score(hum(), SONG, style=style), STYLES[style].lift
    first, *_, last = [span for span in piece.sections if span.name == "chorus"]
    home, key = Scale.of(piece.key), Scale.of(last.key)
    assert key.tonic == (home.tonic + lift) % 12
    assert {span.key for span in piece.sections if span.start < last.start} == {piece.key}
    assert piece.sections[-1].key == last.key
    lead = part(piece, "lead").notes
    early, late = ([note for note in lead if span.start <= note.start < span.start + 2] for span in (first, last))
    assert late[0].pitch - early[0].pitch == lift
    sung = [note.pitch for note in piece.vocals[0].notes if note.start > last.start]
    assert all(key.contains(round(pitch)) for pitch in sung)


@pytest.mark.parametrize("style", LIFTED)
def test_notation_changes_its_key(style: str) -> None:
    piece = score(hum(), SONG, style=style)
    assert len([event for event in notation(piece).tracks[0] if event.type == "key_signature"]) == 2
    assert len(lead_sheet(piece).findall(".//key")) == 2


@pytest.mark.parametrize("style", LIFTED)
def test_nothing_else_is_lifted(style: str) -> None:
    assert {span.key for span in score(hum(), PREVIEW, style=style).sections} == {"C"}
    quiet = score(hum(), SONG, style=style, sections=[section("chorus", 0.6), section("chorus", 0.7)])
    assert {span.key for span in quiet.sections} == {"C"}
    given = score(hum(), SONG, style=style, metadata={"chords": ["C", "F"]})
    assert {span.key for span in given.sections} == {"C"}
