"""Syllables of English spelling, as singers count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.music.lyrics.syllables import syllables_of

WORDS = """
you're sun-shine on-ly beau-ti-ful fire ta-ble lit-tle love loved wan-ted hou-ses makes some-thing lone-ly qui-et
cre-ate i-de-a ra-di-o mil-lion na-tion be-ing go-ing fly-ing be-yond did-n't don't po-em queen rhy-thm the good-bye
hal-le-lu-jah a-ma-zing grace wret-ched cru-el sci-ence pi-a-no ru-in tongue gui-tar di-a-mond twin-kle wal-king hap-py
sea ca-f\u00e9 na-\u00efve 2-4 x hmm
"""

COUNTED = {
    1: """time year way day thing world life hand part place work case point heart dream night light dance chance smile
          eyes tears years stars dreams clothes breathe through thought queue""",
    2: """people woman number water body music person story moment reason never after into over river silver golden
          shadow window follow houses table lonely quiet crying rescue""",
    3: """forever remember together tomorrow yesterday another beautiful wonderful mystery serious animal visible
          family different""",
}
"""By how many syllables they have."""


@pytest.mark.parametrize("parts", WORDS.split())
def test_a_word_has_the_syllables_that_are_sung(parts: str) -> None:
    assert "-".join(syllables_of(parts.replace("-", ""))) == parts


def test_nineteen_of_twenty_common_words_are_counted_right() -> None:
    right = [len(syllables_of(word)) == count for count, words in COUNTED.items() for word in words.split()]
    assert sum(right) >= 0.95 * len(right)


@given(st.text(min_size=1, max_size=30))
def test_any_text_is_parted_without_loss(text: str) -> None:
    parts = syllables_of(text)
    assert "".join(parts) == text
    assert all(parts)
