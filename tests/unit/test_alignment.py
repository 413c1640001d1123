"""Written syllables and spoken ones, with what eSpeak NG 1.51 said."""

from domain.music.lyrics.alignment import Phone, SpokenLine, align
from domain.music.lyrics.text import Line, read_lyrics


def line(text: str) -> Line:
    return read_lyrics(text)[0].lines[0]


def spoken(*words: tuple[int, str]) -> SpokenLine:
    """Return a line whose sounds last a tenth of a second each, by the index of their word."""
    sounds = [(word, symbol) for word, symbols in words for symbol in symbols.split()]
    return SpokenLine(tuple(Phone(symbol, at / 10, word) for at, (word, symbol) in enumerate(sounds)), len(sounds) / 10)


def vowels(text: str, said: SpokenLine) -> list[list[str]]:
    """Return the vowels of each written syllable."""
    symbols = {phone.start: phone.symbol for phone in said.phones}
    return [[symbols[each.vowel] for each in syllable] for syllable in align(line(text), said)]


def test_consonants_belong_to_the_vowel_after_them() -> None:
    twin, kle, star = align(line("twinkle star"), spoken((0, "t w ɪ ŋ k əl"), (1, "s t ɑːɹ")))
    assert [(each.onset, each.vowel, each.coda, each.end) for each in (*twin, *kle, *star)] == [
        (0.0, 0.2, 0.3, 0.4),
        (0.4, 0.5, 0.6, 0.6),
        (0.6, 0.8, 0.9, 0.9),
    ]


def test_a_syllable_that_is_not_said_goes_on_with_the_one_before() -> None:
    assert vowels("every star", spoken((0, "ɛ v ɹ i"), (1, "s t ɑːɹ"))) == [["ɛ"], ["i"], [], ["ɑːɹ"]]


def test_words_that_are_said_as_one_share_their_syllables() -> None:
    assert vowels("of the sea", spoken((0, "ʌ v ð ə"), (2, "s iː"))) == [["ʌ"], ["ə"], ["iː"]]


def test_a_number_has_more_syllables_than_digits() -> None:
    said = spoken((0, "n aɪ n t iː n n aɪ n t i n aɪ n"))
    assert vowels("1999", said) == [["aɪ", "iː"], ["aɪ"], ["i"], ["aɪ"]]


def test_a_consonant_can_be_a_syllable() -> None:
    assert vowels("button shh", spoken((0, "b ʌ ʔ n̩"), (1, "ʃ"))) == [["ʌ"], ["n̩"], ["ʃ"]]


def test_what_is_not_said_at_all_is_silent() -> None:
    assert align(line("one two"), SpokenLine((), 0.0)) == ((), ())
    assert vowels("one two", spoken((1, "t uː"))) == [[], ["uː"]]
