"""Lyrics as people send them: stanzas, tags, and what cannot be read."""

import pytest

from domain.blueprints.fields import MAX_LYRICS
from domain.music.lyrics.text import read_lyrics

SONG = """[Verse 1]
You are my sunshine,
my only sunshine!

(Chorus):
Please don’t take
🌞🌞

[Empty]

Заря 2 nights — naïve
"""


def words(text: str) -> list[tuple[str, list[str]]]:
    return [
        (stanza.tag, [" ".join(word.text for word in line) for line in stanza.lines]) for stanza in read_lyrics(text)
    ]


def test_tags_and_empty_lines_part_stanzas() -> None:
    assert words(SONG) == [
        ("Verse 1", ["You are my sunshine", "my only sunshine"]),
        ("Chorus", ["Please don't take"]),
        ("Empty", ["2 nights naïve"]),
    ]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "🎵🎵 …", "[Chorus]", "星に願いを", "Ночь", "\u0301\u200b", "a" * MAX_LYRICS]
)
def test_what_has_no_word_to_sing_has_no_stanza(text: str) -> None:
    assert read_lyrics(text) == ()


def test_a_hum_is_spoken_as_a_word_and_written_as_it_is() -> None:
    ((line,),) = (stanza.lines for stanza in read_lyrics("Mm hmm mhm"))
    assert [word.text for word in line] == ["Mm", "hmm", "mhm"]
    assert {word.spoken for word in line} == {"hum"}


def test_long_lyrics_are_read_quickly() -> None:
    (stanza,) = read_lyrics("la-la " * (MAX_LYRICS // 6))
    assert len(stanza.lines[0]) == 2 * (MAX_LYRICS // 6)
