"""The SQL of this package: one statement per file, named by its verb."""

from importlib.resources import files


def load_sql(name: str) -> str:
    """Return a statement; call it once, at import."""
    return (files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
