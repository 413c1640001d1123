"""Free words: which style, whose rhythm, which moods, and what was not understood."""

import pytest

from domain.music.styles.moods import Mood
from domain.music.styles.registry import DEFAULT_STYLE, STYLES, meaning_of, resolve_style
from domain.music.styles.style import BASS, DRUMS
from tests.support.hummed_analyses import hum
from tests.unit.test_arrangement import SONG, part, score, section


@pytest.mark.parametrize(
    ("text", "style", "lent", "moods", "unknown"),
    [
        ("lofi", "lofi", "", [], []),
        ("LO-FI hip hop beats", "lofi", "", [], []),
        ("epic dark trailer", "cinematic", "", [Mood.EPIC, Mood.DARK], []),
        ("lofi synthwave", "lofi", "synthwave", [], []),
        ("synthwave with lofi", "synthwave", "lofi", [], []),
        ("a sad song", "", "", [Mood.SAD], []),
        ("bossa nova", "bossa", "", [], []),
        ("dark 8-bit chip tune", "chiptune", "", [Mood.DARK], []),
        ("rock ballad", "rock", "", [Mood.SLOW], []),
        ("orchestral rock", "orchestral", "rock", [], []),
        ("rock & roll on an electric guitar", "rock", "", [], []),
        ("lofi quetzal", "lofi", "", [], ["quetzal"]),
        ("dreamy, slow", "", "", [Mood.DREAMY, Mood.SLOW], []),
        ("breakfast", "", "", [], ["breakfast"]),
        ("", "", "", [], []),
        ("\u041f\u043e\u043b\u044c\u043a\u0430", "", "", [], ["\u043f\u043e\u043b\u044c\u043a\u0430"]),
    ],
)
def test_what_is_understood(text: str, style: str, lent: str, moods: list[Mood], unknown: list[str]) -> None:
    meaning = meaning_of(text)
    assert (meaning.style, meaning.lent, list(meaning.moods), list(meaning.unknown)) == (style, lent, moods, unknown)


def test_moods_change_the_style() -> None:
    plain, dark, dreamy = (resolve_style(text) for text in ("lofi", "dark lofi", "dreamy lofi"))
    assert dark.lead_centre < plain.lead_centre
    assert dark.space.slope_db < plain.space.slope_db
    assert dreamy.space.reverb_seconds > plain.space.reverb_seconds
    assert resolve_style("lofi") is STYLES["lofi"]


def test_a_second_style_lends_its_rhythm() -> None:
    mixed, lofi, synthwave = resolve_style("lofi synthwave"), STYLES["lofi"], STYLES["synthwave"]
    assert mixed.channels[DRUMS] is synthwave.channels[DRUMS]
    assert mixed.players[BASS] is synthwave.players[BASS]
    assert mixed.players["keys"] is lofi.players["keys"]
    assert mixed.colour is lofi.colour


@pytest.mark.parametrize("first", STYLES)
def test_every_pair_of_styles_makes_music(first: str) -> None:
    for second in STYLES:
        if second != first:
            piece = score(hum(), style=f"{first} {second}", sections=[section("verse", 0.8)])
            assert len(piece.parts) > 3
            assert {each.name for each in piece.parts} <= {*STYLES[first].channels, DRUMS, BASS}


def test_words_change_what_is_written() -> None:
    texts = (DEFAULT_STYLE, "dark", "happy", "slow", "epic", "dreamy", "lofi", "dark lofi", "lofi synthwave")
    pieces = [score(hum(key="C"), SONG, style=text) for text in texts]
    described = {
        (piece.key, piece.tempo_bpm, piece.space, piece.sections, part(piece, "lead").notes) for piece in pieces
    }
    assert len(described) == len(texts)
