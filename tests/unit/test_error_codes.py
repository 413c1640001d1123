"""One table owns the error codes: every code is produced somewhere, has a meaning, and docs/errors.md lists it."""

import ast
import importlib
import pkgutil
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import adapters
import application
import domain
import entrypoints
from domain.error_codes import CODES, Code
from domain.errors import MomentError
from entrypoints.api.error_statuses import STATUSES

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "src" / "domain" / "error_codes.py"
BASES = {"bad_audio", "illegal_transition"}
"""Codes of errors that are raised with a more specific code, or that only a defect raises."""


def error_types() -> set[type[MomentError]]:
    for package in (adapters, application, domain, entrypoints):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found, todo = set(), [MomentError]
    while todo:
        kind = todo.pop()
        found.add(kind)
        todo += kind.__subclasses__()
    return {
        kind for kind in found if kind.__module__.split(".")[0] in {"adapters", "application", "domain", "entrypoints"}
    }


def literals(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def raised_with(tree: ast.AST) -> Iterator[tuple[str, str, bool | None]]:
    """Yield what is raised with a code of its own: the error's name, the code, and `permanent` where it is given."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            permanent = given.get("permanent")
            value = given.get("code")
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            for code in (branch.value for branch in branches if isinstance(branch, ast.Constant) and branch.value):
                yield call.func.id, str(code), permanent.value is True if isinstance(permanent, ast.Constant) else None


def sources() -> Iterator[ast.AST]:
    return (ast.parse(path.read_text()) for path in (ROOT / "src").rglob("*.py") if path != TABLE)


def test_the_type_and_the_table_list_the_same_codes() -> None:
    assert list(get_args(Code)) == list(CODES)


def test_every_code_of_an_error_is_in_the_table_with_its_permanence() -> None:
    for kind in error_types():
        if "code" in vars(kind):
            assert (kind.code, CODES[kind.code].permanent) == (kind.code, kind.permanent)


def test_every_code_that_is_raised_is_in_the_table_with_its_permanence() -> None:
    kinds = {kind.__name__: kind for kind in error_types()}
    raised = [found for tree in sources() for found in raised_with(tree) if found[0] in kinds]
    assert len(raised) > 20
    for name, code, permanent in raised:
        known = {str(listed): info.permanent for listed, info in CODES.items()}
        assert (code, known.get(code)) == (code, kinds[name].permanent if permanent is None else permanent)


def test_every_code_of_the_table_is_produced() -> None:
    produced = set(BASES)
    for tree in sources():
        produced |= set(literals(tree))
    for statement in (ROOT / "src").rglob("*.sql"):
        produced |= set(re.findall(r"'(\w+)'", statement.read_text()))
    assert set(CODES) <= produced


def test_requests_have_a_status_exactly_where_the_table_says_so() -> None:
    assert {code for code, info in CODES.items() if "request" in info.surfaces} == set(STATUSES)


@pytest.mark.parametrize("code", CODES)
def test_meanings_are_one_sentence(code: Code) -> None:
    assert CODES[code].meaning.endswith(".")
    assert CODES[code].surfaces


def test_the_page_is_generated_from_the_table() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "errors.py"))["page"]()
    assert (ROOT / "docs" / "errors.md").read_text() == page, "run `make docs`"
