"""The pictures: well-formed, self-contained, bounded, and showing what they should."""

import re
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import msgspec
import numpy as np
import pytest

from adapters.audio.pictures import melody, waveform
from adapters.audio.pictures.melody import HeardPitch
from adapters.audio.pictures.rows import MOST_ROWS, Row
from adapters.audio.pictures.svg import WIDTH, Drawing
from adapters.audio.pictures.words import clock, fitted, text_width
from application.ports.mastering import MasterReport, WaveformPicture
from domain.music.hum import MAX_NOTES, Analysis, HummedNote
from domain.music.score import Chord, SectionSpan
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "rect", "g", "text", "path"}
MOST_BYTES = 60_000
HOSTILE = '</text><script>alert(1)</script><a href="javascript:x">&\x00\ud800\u202eサビ'
RATE = 8000
REPORT = MasterReport(duration=180.0, lufs=-14.0, true_peak_dbtp=-1.2, mime_type="audio/mpeg")


def pitch_of(analysis: Analysis, duration: float) -> HeardPitch:
    """Return the pitch that a perfect tracker finds, 62 frames a second."""
    times = np.arange(0, duration, 0.016)
    pitch, voiced = np.full(len(times), 60.0), np.zeros(len(times), dtype=bool)
    for note in analysis.notes:
        inside = (times >= note.onset) & (times < note.onset + note.duration)
        pitch[inside] = note.pitch + 0.3 * np.sin(40 * times[inside])
        voiced |= inside
    return HeardPitch(times, pitch, voiced)


def a_picture(**fields: object) -> WaveformPicture:
    """Return a picture of three minutes: twelve sections, a chord each second."""
    symbols = ("Dm7", "Bbmaj7", "F6/A", "C9")
    sections = tuple(SectionSpan(f"verse {at}", 15.0 * at, 15.0, 8, at / 12) for at in range(12))
    chords = tuple(Chord(float(at), 1.0, symbols[at % 4], (50, 53, 57)) for at in range(180))
    picture = WaveformPicture(title="pop, Dm", sections=sections, chords=chords, out=Path("unused"))
    return msgspec.structs.replace(picture, **fields)


def noise(seconds: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(1).uniform(-0.9, 0.9, (2, round(seconds * RATE))).astype(np.float32)


def parsed(document: str) -> Element:
    return fromstring(document)  # noqa: S314 - we wrote it


def texts(document: str) -> list[str]:
    return [each.text or "" for each in parsed(document).iter(f"{SVG}text")]


def assert_harmless(document: str) -> None:
    """Check that a picture is XML with a title, and that nothing in it acts, loads or links."""
    root = parsed(document)
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= TAGS
    names = {name for each in root.iter() for name in each.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name or name == "style"}
    assert "url(" not in document
    assert set(re.findall(r"[a-z]+://[^\"]*", document)) == {"http://www.w3.org/2000/svg"}


def the_ode(times: int = 1) -> tuple[Analysis, float]:
    """Return the analysis of a tune that is hummed over and over, and its seconds."""
    once = hum(ODE, phrases=ODE_PHRASES)
    notes = tuple(
        msgspec.structs.replace(note, onset=note.onset + once.duration * turn)
        for turn in range(times)
        for note in once.notes
    )
    phrases = tuple(first + len(once.notes) * turn for turn in range(times) for first in once.phrases)
    return msgspec.structs.replace(once, notes=notes, phrases=phrases), once.duration * times


def test_the_melody_shows_notes_phrases_key_and_metre() -> None:
    analysis, duration = the_ode()
    document = melody.draw(analysis, pitch_of(analysis, duration), duration).document()
    assert_harmless(document)
    shown = texts(document)
    assert f"{len(analysis.notes)} notes, {analysis.key}, {analysis.tempo_bpm:.0f} bpm, 4/4" in shown
    assert {"E3", "phrase 1", f"phrase {len(analysis.phrases)}"} <= set(shown)
    assert "Notes: E3 E3 F3 G3" in document


def test_the_curve_of_a_perfect_singer_is_inside_of_the_notes() -> None:
    """Also 40 cents off: heights are in the singer's tuning."""
    analysis, duration = the_ode()
    moved = tuple(msgspec.structs.replace(note, pitch=note.pitch + 0.4) for note in analysis.notes)
    sharp = msgspec.structs.replace(
        analysis, notes=moved, tuning_cents=40.0, tuning_curve=(), written=tuple(round(n.pitch) for n in analysis.notes)
    )
    roll = melody._roll(sharp, pitch_of(sharp, duration))
    heights = roll.tuned[roll.heard.voiced]
    assert np.abs(heights - np.rint(heights)).max() < 0.31


def test_beats_and_bars_are_where_the_hum_has_them() -> None:
    analysis, duration = the_ode()
    bent = msgspec.structs.replace(analysis, beats=tuple(0.1 + 0.5 * beat + 0.01 * beat**2 for beat in range(20)))
    bars, beats = melody._lines(bent, Row(0.0, duration))
    row = Row(0.0, duration)
    assert beats[:5] == pytest.approx([row.x(at) for at in bent.beats[:5]])
    assert bars[:2] == pytest.approx([row.x(bent.beats[0]), row.x(bent.beats[4])])


def test_two_minutes_of_humming_break_into_rows_and_stay_small() -> None:
    analysis, duration = the_ode(6)
    assert duration == 120
    document = melody.draw(analysis, pitch_of(analysis, duration), duration).document()
    assert len(document.encode()) < MOST_BYTES
    assert float(parsed(document).get("height") or 0) > 700


def test_a_forged_analysis_is_drawn_within_bounds() -> None:
    """Of a second of recording: notes outside of it, thousands in it, beats that are far away or dense."""
    notes = tuple(HummedNote(at / 5000, 0.0001, at % 128, 1.0) for at in range(MAX_NOTES - 2))
    notes += (HummedNote(1.0, 3600.0, 127.0, 1.0), HummedNote(3600.0, 1.0, 0.0, 1.0))
    forged = Analysis(
        duration=3600.0, tuning_cents=-100.0, key="Gb", key_confidence=1.0, tempo_bpm=1000.0, tempo_confidence=1.0,
        first_beat=-3600.0, time_signature="7/8", notes=notes, phrases=tuple(range(MAX_NOTES)),
    )  # fmt: skip
    document = melody.draw(forged, pitch_of(forged, 1.0), 1.0).document()
    assert_harmless(document)
    assert len(document.encode()) < 4 * MOST_BYTES


def test_the_music_shows_its_sections_chords_length_and_loudness() -> None:
    sections = (SectionSpan("intro", 0.0, 10.0, 4, 0.2), SectionSpan("chorus", 10.0, 15.0, 1, 0.9))
    chords = (Chord(0.0, 5.0, "Am", ()), Chord(5.0, 5.0, "Am", ()), Chord(10.0, 5.0, "F/A", ()))
    picture = a_picture(title="lofi, Am", sections=sections, chords=chords)
    document = waveform.draw(picture, noise(25), RATE, REPORT).document()
    assert_harmless(document)
    assert texts(document)[:2] == ["lofi, Am", "0:25, −14.0 LUFS, −1.2 dBTP"]
    assert texts(document)[2:6] == ["intro, 4 bars", "chorus, 1 bar", "Am", "F/A"]
    assert "Sections: intro 0:00, chorus 0:10" in document


def test_three_minutes_of_music_break_into_rows_and_stay_small() -> None:
    document = waveform.draw(a_picture(), noise(180), RATE, REPORT).document()
    assert len(document.encode()) < MOST_BYTES
    assert {f"verse {at}, 8 bars" for at in range(12)} <= set(texts(document))


def test_hours_of_music_have_no_more_rows() -> None:
    assert len(Row.all_of(7200.0, waveform.LONGEST_ROW)) == MOST_ROWS
    assert len(Row.all_of(0.0, waveform.LONGEST_ROW)) == 1


def test_words_of_users_stay_words() -> None:
    picture = a_picture(title=HOSTILE, sections=(SectionSpan(HOSTILE, 0.0, 180.0, 8, 0.5),))
    document = waveform.draw(picture, noise(180), RATE, REPORT).document()
    assert_harmless(document)
    visible = "".join(letter for letter in HOSTILE if letter.isprintable())
    assert visible in texts(document)
    assert any(text.startswith(visible[:20]) for text in texts(document)[2:])


def test_music_that_is_not_its_scores_has_no_form() -> None:
    document = waveform.draw(waveform.without_form(a_picture()), noise(3), RATE, REPORT).document()
    assert not any("verse" in text or "Dm7" in text for text in texts(document))


def test_equal_pictures_are_equal_bytes() -> None:
    analysis, duration = the_ode()
    drawn = {melody.draw(analysis, pitch_of(analysis, duration), duration).document() for _ in range(2)}
    drawn |= {waveform.draw(a_picture(), noise(20), RATE, REPORT).document() for _ in range(2)}
    assert len(drawn) == 2


def test_a_picture_has_a_ground_of_its_own_and_is_stored_as_utf_8(tmp_path: Path) -> None:
    Drawing(100, "サビ", "−").save(tmp_path / "picture.svg")
    root = parsed((tmp_path / "picture.svg").read_text("utf-8"))
    ground = root.find(f"{SVG}rect")
    assert ground is not None
    assert (ground.get("width"), ground.get("fill")) == (str(WIDTH), "#ffffff")
    assert root.findtext(f"{SVG}title") == "サビ"


def test_a_wave_is_as_high_as_its_sound() -> None:
    drawing = Drawing(100, "wave")
    drawing.wave(0, 12, np.array([0.0, 0.0, 0.5, -0.5, 1.0, 1.0, -0.25, 0.0]), 50, 40)
    peaks, levels = re.findall(r'd="M\.5 0([^"]*)"', drawing.document())
    assert peaks == "m0 0v0m1-40v80m1-120v160m1-100v40"
    assert levels == "m0 0v0m1-40v80m1-120v160m1-94v28"


def test_a_line_is_written_relative_to_its_points() -> None:
    drawing = Drawing(100, "line")
    drawing.line([(1.04, 2.0), (0.54, 12.5), (0.54, 12.5)], "#000")
    assert 'd="M1 2l-.5 10.5l0 0"' in drawing.document()


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("chorus", 100, "chorus"), ("chorus", 20, "ch…"), ("chorus", 3, "")]
)
def test_words_are_cut_to_their_room(text: str, width: float, shown: str) -> None:
    assert fitted(text, width, 10) == shown
    assert text_width(shown, 10) <= width


def test_times_are_shown_as_players_show_them() -> None:
    assert [clock(seconds) for seconds in (0, 9.9, 65, 600)] == ["0:00", "0:09", "1:05", "10:00"]
