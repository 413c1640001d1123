"""The schema that holds our tables: `moment`, or the one in which an older version created them.

Statements are written for `moment` and name it before every table and function. They do not depend on the search path,
which a transaction pooler may hand on from one client to another. Where a database has our tables in another schema,
the connection replaces the name.
"""

import re
from functools import lru_cache
from typing import Any, Final

import asyncpg

from adapters.postgres.load_sql import load_sql

NEW_SCHEMA: Final = "moment"
"""The schema of new installations."""

FIND_SCHEMA: Final = load_sql("find_schema")

CACHED_STATEMENTS: Final = 256

_QUALIFIER: Final = re.compile(rf"\b{NEW_SCHEMA}\.(?=\w)")


@lru_cache(CACHED_STATEMENTS)
def in_schema(statement: str, schema: str) -> str:
    """Return a statement that is written for `moment` as one for another schema, whose name is quoted if need be."""
    return _QUALIFIER.sub(lambda _: f"{schema}.", statement)


class SchemaConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that runs statements written for `moment` in the schema of its database.

    That is `moment` until `find_schema` has found another. Covers `execute`, `fetch`, `fetchrow` and `fetchval`.
    """

    __slots__ = ("_found",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._found: str | None = None

    @property
    def schema(self) -> str:
        """The name of the schema, quoted if need be."""
        return self._found or NEW_SCHEMA

    @property
    def schema_found(self) -> bool:
        """Whether our tables were there when `find_schema` looked."""
        return self._found is not None

    async def find_schema(self) -> None:
        """Look for our tables in the database's catalog."""
        self._found = await super().fetchval(FIND_SCHEMA)

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        """Run a statement, or several without arguments."""
        status: str = await super().execute(in_schema(query, self.schema), *args, **options)
        return status

    async def fetch(self, query: str, *args: Any, **options: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        rows: list[asyncpg.Record] = await super().fetch(in_schema(query, self.schema), *args, **options)
        return rows

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        """Return the first row, or None."""
        return await super().fetchrow(in_schema(query, self.schema), *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        """Return a value of the first row."""
        return await super().fetchval(in_schema(query, self.schema), *args, **options)
