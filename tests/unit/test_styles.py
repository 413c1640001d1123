"""The registry of styles: what it finds, what it refuses, and what styles promise."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.music.instruments import InstrumentKind
from domain.music.styles.registry import DEFAULT_STYLE, STYLES, meaning_of, resolve_style
from domain.music.styles.style import BASS, LEAD, Style
from tests.support.styles import EXAMPLES, styles_in


def test_the_default_comes_first() -> None:
    assert list(STYLES) == [DEFAULT_STYLE, *sorted(set(STYLES) - {DEFAULT_STYLE})]


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_every_style_is_found_by_its_name_and_its_words(style: Style) -> None:
    assert resolve_style(style.name.upper()) is style
    assert all(meaning_of(word).style == style.name for word in style.words)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_every_channel_but_the_lead_has_a_player(style: Style) -> None:
    assert set(style.channels) == {LEAD, *style.players}


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_capabilities_are_those_of_the_channels(style: Style) -> None:
    kinds = {channel.instrument.kind for channel in style.channels.values()}
    assert style.has_drums == (InstrumentKind.KIT in kinds)
    assert style.has_bass == (BASS in style.channels)


def test_a_file_in_the_package_is_a_style_and_without_it_nothing_is_left() -> None:
    before = list(STYLES)
    with styles_in(EXAMPLES):
        assert set(STYLES) - set(before) == {"musicbox"}
        assert resolve_style("a lullaby").name == "musicbox"
    assert list(STYLES) == before
    assert resolve_style("a lullaby").name == DEFAULT_STYLE


def test_two_files_cannot_define_the_same_style(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("from domain.music.styles.lofi import STYLE as STYLE")
    with pytest.raises(ValueError, match="same name"), styles_in(tmp_path):
        pass
    assert list(STYLES) == [DEFAULT_STYLE, *sorted(set(STYLES) - {DEFAULT_STYLE})]


@pytest.mark.parametrize("part", [LEAD, "pad"])
def test_a_part_without_a_channel_is_refused(part: str) -> None:
    style = STYLES[DEFAULT_STYLE]
    channels = {name: channel for name, channel in style.channels.items() if name != part}
    with pytest.raises(ValueError, match=f"no mix channel for {part}"):
        replace(style, channels=channels)


@pytest.mark.parametrize("name", ["lo-fi", "Lofi", "lo fi", ""])
def test_a_name_that_free_text_cannot_contain_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters and digits"):
        replace(STYLES["lofi"], name=name)


@pytest.mark.parametrize("word", ["Hip Hop", "r&b", ""])
def test_a_word_that_free_text_cannot_contain_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters and digits"):
        replace(STYLES["lofi"], words=("chill", word))


@pytest.mark.parametrize("tempo_range", [(90, 70), (0, 80), (80, 80)])
def test_a_tempo_range_goes_up(tempo_range: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="slower to the faster"):
        replace(STYLES["lofi"], tempo_range=tempo_range)


def test_a_style_must_be_a_style(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("STYLE = {'name': 'wrong'}")
    with pytest.raises(ValueError, match=r"wrong\.py: STYLE must be a Style, not dict"), styles_in(tmp_path):
        pass
