"""Variables of other programs change nothing."""

import pytest

from adapters.postgres.embedded.environment import server_environment
from entrypoints.isolation import isolate


def test_variables_of_postgres_are_removed() -> None:
    environ = {"PGHOST": "db", "PGPORT": "1", "PGOPTIONS": "-c x=y", "PATH": "/bin", "LC_ALL": "de_DE.UTF-8"}
    isolate(environ)
    assert environ == {"PATH": "/bin", "LC_ALL": "de_DE.UTF-8"}


def test_the_embedded_server_has_a_locale_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG", "LANGUAGE", "PGPORT"):
        monkeypatch.setenv(name, "xx_XX")
    found = server_environment()
    assert found["LC_ALL"] == "C"
    assert found.keys().isdisjoint({"LC_CTYPE", "LANG", "LANGUAGE", "PGPORT"})
    assert "PATH" in found
