"""What the pages of Python call styles and keys, as the studio does."""

import pytest

from entrypoints.web.words import key_in_words, style_name


@pytest.mark.parametrize(
    ("key", "words"),
    [("C", "C major"), ("F#m", "F♯ minor"), ("Bb", "B♭ major"), ("Bbm", "B♭ minor"), ("Bm", "B minor")],
)
def test_keys_are_written_as_in_printed_music(key: str, words: str) -> None:
    assert key_in_words(key) == words


def test_a_style_has_the_name_of_its_card_if_it_has_one() -> None:
    assert [style_name("bossa"), style_name("musicbox")] == ["Bossa nova", "musicbox"]
