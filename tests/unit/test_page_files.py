"""The files of the pages: what a page asks for is there, and no text of it is missing or idle."""

import re
from pathlib import PurePosixPath
from typing import Final

import pytest

from entrypoints.web.assets import CLIENT, modules_of
from entrypoints.web.page import operators_page, studio_page
from entrypoints.web.texts import texts, with_texts

MODULES: Final = sorted(CLIENT.rglob("*.js"))


def test_a_page_asks_for_its_module_and_all_that_this_one_imports_at_once() -> None:
    modules = modules_of("main.js")
    assert {"base/dom.js", "views/home.js"} < set(modules)
    assert "views/moment.js" not in modules, "views that are not shown first load later"
    assert "api/key_dialog.js" not in modules, "what a function imports loads later"
    page = studio_page(1000)
    assert all(f'/{module}">' in page for module in modules)
    assert "{{" not in page


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(CLIENT).as_posix())
def test_every_import_names_a_file(module: object) -> None:
    path = PurePosixPath(str(module))
    named = re.findall(r"""(?:from |import\(|import )["'](\.[^"']+)["']""", CLIENT.joinpath(path).read_text())
    assert [name for name in named if not (CLIENT / path.parent / name).resolve().is_file()] == []


def test_a_text_that_is_missing_is_found_when_the_page_is_made() -> None:
    with pytest.raises(KeyError):
        with_texts("<p>{{text:no.such_text}}</p>")


def test_every_text_is_used_by_a_page() -> None:
    files = [*MODULES, *CLIENT.glob("*.html"), CLIENT.parent / "shared_page.py"]
    sources = "\n".join(path.read_text() for path in files)
    families = tuple(re.findall(r"""[`"]([a-z_.]+\.)\$?\{""", sources))
    counted = {name: re.sub(r"\.(one|other)$", "", name) for name in texts()}  # named without the form of the plural
    assert [name for name, stem in counted.items() if stem not in sources and not name.startswith(families)] == []


def test_the_studio_has_none_of_the_operators_texts_and_operators_have_all_that_their_modules_name() -> None:
    studio = studio_page(1000)
    assert '"ops.title"' not in studio
    operations = operators_page()
    sources = "\n".join(CLIENT.joinpath(module).read_text() for module in modules_of("ops.js"))
    named = {name for name in re.findall(r'"((?:\w+\.)+\w+)"', sources) if name in texts()}
    assert len(named) > 100
    assert [name for name in sorted(named) if f'"{name}":' not in operations] == []
