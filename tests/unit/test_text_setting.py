"""Lyrics on a tune: lines on phrases, syllables on notes, and nothing else changes."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from domain.blueprints.blueprint import OutputKind
from domain.music.score import Score
from domain.music.sung import VocalMode
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum
from tests.unit.test_arrangement import HUMS, PREVIEW, SONG, score, section

FOUR = "Twinkle twinkle little star\nHow I wonder what you are\n\nUp above the world so high\nLike a diamond in the sky"
TAGGED = "[Verse]\nFirst verse line\n[Chorus]\nSing the chorus now\n[Verse]\nSecond verse line\n[Bridge]\nOver we go"
HOSTILE = (
    "a", "Supercalifragilisticexpialidocious", "🎵 la 🎵", "I " * 900, "1999 2024 7", "x\n" * 500, "(la)\n[la]\nla",
    "</text><script>alert(1)</script>", "\u202eevil \ud7ff\U0001f600", "é" * 29, "a " * 9_999, "[Solo]\nquiet words",
)  # fmt: skip


def worded(lyrics: str = FOUR, kind: OutputKind = PREVIEW, *, who: str = "ode", mode: str = "lyrics") -> Score:
    return score(HUMS[who], kind, lyrics=lyrics, metadata={"vocals": mode})


def lines(piece: Score) -> list[str]:
    return [line.text for line in piece.words]


def test_a_line_is_sung_on_each_phrase_and_lines_follow_each_other() -> None:
    assert lines(worded(who="two minutes")) == FOUR.replace("\n\n", "\n").splitlines()


def test_two_short_lines_share_a_long_phrase() -> None:
    assert lines(worded())[0] == "Twinkle twinkle little star How I wonder what you are"


def test_every_syllable_has_a_note_and_every_note_its_place() -> None:
    for who in ("ode", "one note", "waltz", "two minutes"):
        for kind in OutputKind:
            piece = worded(who=who, kind=kind)
            for line in piece.words:
                assert sum(note.syllables for note in line.notes) == sum(len(word.syllables) for word in line.words)
                assert line.notes[0].syllables > 0
            notes = sorted((note for line in piece.words for note in line.notes), key=lambda note: note.start)
            assert all(a.start + a.duration <= b.start + 1e-9 for a, b in pairwise(notes))
            assert notes[-1].start + notes[-1].duration <= piece.duration + 1e-9


def test_few_syllables_are_melismas_on_weak_notes() -> None:
    (line, *_) = score(hum(ODE, phrases=ODE_PHRASES), lyrics="Lord", metadata={"vocals": "lyrics"}).words
    assert [note.syllables for note in line.notes].count(0) >= 5
    strong = [note.syllables for note in line.notes if note.duration > 0.8]
    assert all(strong)


def test_many_syllables_divide_long_notes_and_go_on_in_the_next_phrase() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    piece = score(HUMS["two minutes"], SONG, lyrics=text, metadata={"vocals": "lyrics"})
    sung = " ".join(lines(piece))
    assert sung.startswith(text)
    assert all(note.duration > 0.1 for line in piece.words for note in line.notes)
    assert max(len(line.notes) for line in piece.words) > 7


def test_no_syllable_is_shorter_than_a_sixteenth() -> None:
    piece = score(HUMS["ode"], SONG, tempo_bpm=40, lyrics="la la la la " * 200, metadata={"vocals": "lyrics"})
    assert min(note.beats for note in piece.sheet.melody) >= 0.24


def test_tags_name_the_sections_that_sing_a_stanza() -> None:
    sections = [section("verse", 0.4), section("chorus", 0.8), section("verse", 0.4), section("bridge", 0.4, 4)]
    sections.append(section("chorus", 1.0))
    piece = score(HUMS["two minutes"], SONG, sections=sections, lyrics=TAGGED, metadata={"vocals": "lyrics"})
    by_section = [
        {line.text for line in piece.words if span.start <= line.notes[-1].start < span.start + span.duration}
        for span in piece.sections
    ]
    assert [{text.split()[0] for text in texts} for texts in by_section] == [
        {"First"}, {"Sing"}, {"Second"}, {"Over"}, {"Sing"},
    ]  # fmt: skip


def test_a_chorus_comes_again_with_its_words() -> None:
    sections = [section("verse", 0.4, 16), section("chorus", 0.8), section("verse", 0.4, 16), section("chorus", 1.0)]
    piece = score(HUMS["two minutes"], SONG, sections=sections, lyrics=FOUR, metadata={"vocals": "lyrics"})
    first, again = (
        [line.text for line in piece.words if span.start - 1 <= line.notes[0].start < span.start + span.duration - 1]
        for span in (piece.sections[1], piece.sections[3])
    )
    shared = min(len(first), len(again))
    assert first[:shared] == again[:shared]
    assert shared >= 3


def test_a_phrase_that_two_sections_share_goes_on_with_its_line() -> None:
    sections = [section("chorus", 0.5, 2), section("chorus", 0.9, 2)]
    piece = score(HUMS["ode"], SONG, sections=sections, lyrics="\n".join(["one two three four five six seven"] * 2),
                  metadata={"vocals": "lyrics"})  # fmt: skip
    assert " ".join(lines(piece)).startswith("one two three four five six seven one")


@pytest.mark.parametrize("kind", list(OutputKind))
@pytest.mark.parametrize("text", HOSTILE)
def test_any_lyrics_can_be_set(text: str, kind: OutputKind) -> None:
    for who in ("one note", "two minutes"):
        piece = worded(text, kind, who=who, mode="both")
        assert len(piece.sheet.lyrics) in {0, len(piece.sheet.melody)}
        assert all(line.words and line.notes for line in piece.words)


def test_a_hum_ignores_the_lyrics_and_words_change_nothing_but_the_words() -> None:
    plain = score()
    assert score(lyrics=FOUR) == score(lyrics=FOUR, metadata={"vocals": "hum"}) == plain
    for mode in ("lyrics", "both"):
        piece = worded(mode=mode)
        sheet = replace(piece.sheet, melody=plain.sheet.melody, lyrics=())
        assert piece.words
        assert replace(piece, words=(), vocal_mode=VocalMode.HUM, sheet=sheet) == plain


def test_nobody_and_filler_sing_no_words() -> None:
    assert not worded(who="nobody").words
    assert not score(metadata={"vocals": "lyrics"}).words
