"""The documents say what the code does."""

import runpy
from pathlib import Path

from entrypoints.settings import Settings, Spaces, declared

ROOT = Path(__file__).parents[2]


def test_the_state_diagram_is_drawn_from_the_table() -> None:
    diagram = runpy.run_path(str(ROOT / "docs" / "state_diagram.py"))["mermaid"]()
    assert diagram in (ROOT / "docs" / "architecture.md").read_text()


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = {word.strip("`.,;:()") for word in text.split() if "/" in word and word.strip("`.,;:()").endswith(".py")}
    assert named
    assert [name for name in sorted(named) if not any((ROOT / base / name).exists() for base in ("src", "."))] == []


def test_the_page_of_settings_is_generated_from_their_declarations() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "settings.py"))["page"]()
    assert (ROOT / "docs" / "settings.md").read_text() == page, "run `make docs`"
    names = [setting.name for struct in (Settings, Spaces) for _, setting in declared(struct)]
    assert [name for name in names if page.count(f"\n| `{name}` |") != 1] == []
