"""Variables of other programs change nothing."""

from entrypoints.isolation import isolate


def test_variables_of_postgres_and_locales_are_removed() -> None:
    foreign = {"PGHOST": "db", "PGPORT": "1", "PGOPTIONS": "-c x=y", "LC_CTYPE": "xx", "LANG": "xx", "LANGUAGE": "xx"}
    environ = {**foreign, "LC_ALL": "xx_XX.UTF-8", "PATH": "/bin", "MOMENT_PORT": "1"}
    isolate(environ)
    assert environ == {"PATH": "/bin", "MOMENT_PORT": "1", "LC_ALL": "C"}
