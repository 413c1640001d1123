"""Phrase boundaries."""

from domain.music.listening.phrases import phrase_starts
from tests.support.performances import performance, written


def test_most_boundaries_are_found() -> None:
    found = true = both = 0
    for seed in range(600, 640):
        heard = performance(seed)
        starts = set(phrase_starts(heard.notes))
        found, true, both = (
            found + len(starts),
            true + len(heard.melody.phrases),
            both + len(starts & set(heard.melody.phrases)),
        )
    assert both / found >= 0.85
    assert both / true >= 0.85


def test_a_rest_separates_phrases_and_a_short_gap_does_not() -> None:
    assert phrase_starts(written("60:1 62:1 64:1 -:1 65:1 64:1 62:1 60:1")) == (0, 3)
    assert phrase_starts(written("60:1 62:1 64:1 65:1 64:1 62:1 60:1")) == (0,)


def test_a_staccato_singer_does_not_end_a_phrase_with_every_note() -> None:
    assert phrase_starts(written(" ".join(["60:.5 -:.5"] * 8))) == (0,)


def test_few_notes_are_one_phrase() -> None:
    assert phrase_starts(written("60:1")) == (0,)
    assert phrase_starts(written("60:1 -:4 62:1")) == (0,)
