"""The documents say what the code does."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.music.styles.registry import STYLES
from entrypoints.settings import Settings, Spaces, declared

ROOT = Path(__file__).parents[2]


def test_the_state_diagram_is_drawn_from_the_table() -> None:
    diagram = runpy.run_path(str(ROOT / "docs" / "state_diagram.py"))["mermaid"]()
    assert diagram in (ROOT / "docs" / "architecture.md").read_text()


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/music.md", "docs/queue.md", "CONTRIBUTING.md"])
def test_every_file_and_folder_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`([\w.]+(?:/[\w.]+)*/(?:[\w]+\.(?:py|sql|yaml|wav))?)`", (ROOT / page).read_text())
    assert named
    assert [name for name in named if not any((ROOT / base / name).exists() for base in ("src", "."))] == []


def test_the_page_of_settings_is_generated_from_their_declarations() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "settings.py"))["page"]()
    assert (ROOT / "docs" / "settings.md").read_text() == page, "run `make docs`"
    names = [setting.name for struct in (Settings, Spaces) for _, setting in declared(struct)]
    assert [name for name in names if page.count(f"\n| `{name}` |") != 1] == []


def test_lines_of_prose_have_at_most_120_characters() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")]
    long = [f"{page.name}:{number}" for page in pages for number, line in _prose(page) if len(line) > 120]
    assert long == []


def _prose(page: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that are neither in a table nor in a block of code, whose lines cannot be wrapped."""
    in_code = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        in_code ^= line.lstrip().startswith("```")
        if not in_code and not line.lstrip().startswith("|"):
            yield number, line


def test_images_are_small_and_used() -> None:
    pages = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    images = [image for image in (ROOT / "docs" / "images").rglob("*") if image.is_file()]
    assert [image.name for image in images if image.stat().st_size > 150_000] == []
    assert [image.name for image in images if f"{image.relative_to(ROOT / 'docs').as_posix()})" not in pages] == []


def test_the_page_of_one_hum_has_every_style_and_its_picture() -> None:
    page = (ROOT / "docs" / "listening.md").read_text()
    assert re.findall("^## `(.+)`$", page, re.MULTILINE) == list(STYLES), "run `make docs`"
    assert re.findall(r"^`make demo STYLE=(\w+) KIND=song`$", page, re.MULTILINE) == list(STYLES)
    pictures = {path.stem: path.stat().st_size for path in (ROOT / "docs" / "images" / "listening").iterdir()}
    assert set(pictures) == {*STYLES, "hum", "spectra"}
    assert max(pictures.values()) <= 30_000
