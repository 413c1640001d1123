"""The MIDI file, read back."""

from itertools import product
from pathlib import Path

import mido
import msgspec
import pytest

from adapters.audio.codecs.midi import TICKS, notation, write
from domain.music.instruments import Instrument
from domain.music.score import Part, Score, ScoreNote, SectionSpan
from domain.music.styles.registry import STYLES
from domain.music.theory.scale import Scale
from tests.support.scores import score


def _notes(track: mido.MidiTrack) -> list[tuple[int, int, int, int]]:
    """Return (start tick, length, pitch, velocity) of each note, by start."""
    now, sounding, notes = 0, dict[int, list[tuple[int, int]]](), []
    for message in track:
        now += message.time
        if message.type == "note_on":
            sounding.setdefault(message.note, []).append((now, message.velocity))
        elif message.type == "note_off":
            start, velocity = sounding[message.note].pop(0)
            notes.append((start, now - start, message.note, velocity))
    assert not any(sounding.values())
    return sorted(notes)


def _expected(part: Part, tempo_bpm: float) -> list[tuple[int, int, int, int]]:
    def tick(seconds: float) -> int:
        return round(seconds * tempo_bpm / 60 * TICKS)

    return sorted(
        (tick(note.start), tick(note.start + note.duration) - tick(note.start), note.pitch, round(127 * note.velocity))
        for note in part.notes
    )


def _meta(track: mido.MidiTrack, kind: str) -> mido.MetaMessage:
    return next(message for message in track if message.type == kind)


@pytest.mark.parametrize("style", STYLES)
def test_the_file_has_every_note_of_the_score(style: str, tmp_path: Path) -> None:
    piece = score(style)
    write(piece, tmp_path / "piece.mid")
    file = mido.MidiFile(tmp_path / "piece.mid")
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (1, 480, 1 + len(piece.parts))
    ordered = sorted(piece.parts, key=lambda part: part.name != "lead")
    assert [track.name for track in file.tracks[1:]] == [part.name for part in ordered]
    for track, part in zip(file.tracks[1:], ordered, strict=True):
        for written, read in zip(_expected(part, piece.tempo_bpm), _notes(track), strict=True):
            assert written == pytest.approx(read, abs=1)
    assert file.length == pytest.approx(piece.duration, abs=0.02)


def test_the_conductor_track_has_tempo_metre_key_and_sections() -> None:
    piece = score("lofi")
    conductor = notation(piece).tracks[0]
    assert mido.tempo2bpm(_meta(conductor, "set_tempo").tempo) == pytest.approx(piece.tempo_bpm, abs=1e-3)
    metre = _meta(conductor, "time_signature")
    assert (metre.numerator, metre.denominator) == (4, 4)
    assert _meta(conductor, "key_signature").key == "Am"
    markers = [message for message in conductor if message.type == "marker"]
    assert [marker.text for marker in markers] == ["opening", "theme"]
    assert markers[1].time == 4 * 4 * TICKS


def test_kits_and_only_kits_are_on_channel_10() -> None:
    for style in STYLES:
        piece = score(style)
        instruments = {part.name: part.instrument for part in piece.parts}
        for track in notation(piece).tracks[1:]:
            channels = {message.channel for message in track if not message.is_meta}
            assert (channels == {9}) == instruments[track.name].is_kit
            assert len(channels) == 1


@pytest.mark.parametrize("instrument", Instrument)
def test_every_instrument_has_a_program(instrument: Instrument) -> None:
    part = Part(name="lead", instrument=instrument, notes=(ScoreNote(0.0, 1.0, instrument.low, 0.8),))
    file = notation(msgspec.structs.replace(score(), parts=(part,)))
    programs = [message.program for message in file.tracks[1] if message.type == "program_change"]
    assert programs == [instrument.program]
    assert 0 <= instrument.low < instrument.high <= 127


@pytest.mark.parametrize(
    ("key", "written"), [("C", "C"), ("F#m", "F#m"), ("G#", "Ab"), ("Dbm", "C#m"), ("E#", "F"), ("Fbm", "Em")]
)
def test_every_key_of_a_blueprint_can_be_written(key: str, written: str) -> None:
    piece = msgspec.structs.replace(score(), key=key)
    assert _meta(notation(piece).tracks[0], "key_signature").key == written


@pytest.mark.parametrize("key", [*map("".join, product("ABCDEFG", ("", "#", "b"), ("", "m")))])
def test_the_key_signature_is_that_of_the_key(key: str, tmp_path: Path) -> None:
    write(msgspec.structs.replace(score(), key=key), tmp_path / "piece.mid")
    read = _meta(mido.MidiFile(tmp_path / "piece.mid").tracks[0], "key_signature").key
    assert Scale.of(read) == Scale.of(key)


def test_a_section_in_another_key_changes_the_signature_where_it_begins(tmp_path: Path) -> None:
    piece = score("lofi")
    lifted = (piece.sections[0], msgspec.structs.replace(piece.sections[1], key="Bm"))
    write(msgspec.structs.replace(piece, sections=lifted), tmp_path / "piece.mid")
    now, keys = 0, list[tuple[int, str]]()
    for message in mido.MidiFile(tmp_path / "piece.mid").tracks[0]:
        now += message.time
        keys += [(now, message.key)] if message.type == "key_signature" else []
    assert keys == [(0, "Am"), (4 * 4 * TICKS, "Bm")]


def test_tracks_have_the_names_of_style_and_parts_and_the_programs_of_their_instruments(tmp_path: Path) -> None:
    piece = score("pop")
    write(piece, tmp_path / "piece.mid")
    conductor, *tracks = mido.MidiFile(tmp_path / "piece.mid").tracks
    assert conductor.name == "pop"
    instruments = {part.name: part.instrument for part in piece.parts}
    assert {track.name: _program(track) for track in tracks} == {
        name: instrument.program for name, instrument in instruments.items()
    }


def _program(track: mido.MidiTrack) -> int:
    return next(int(message.program) for message in track if message.type == "program_change")


def _odd(piece: Score) -> Score:
    part = Part(name="hör 旋律", instrument=Instrument.PIANO, gain_db=40.0, notes=(ScoreNote(-0.01, 0.0, 60, 0.0),))
    return msgspec.structs.replace(
        piece, lead="none", parts=(part,) * 20, sections=(SectionSpan("サビ", 0.0, 1.0, 1, 0.5),)
    )


def test_names_in_any_script_many_parts_and_tiny_notes_are_written(tmp_path: Path) -> None:
    path = tmp_path / "odd.mid"
    notation(_odd(score())).save(path)
    file = mido.MidiFile(path)
    assert len(file.tracks) == 21
    assert _notes(file.tracks[1]) == [(0, 1, 60, 1)]
