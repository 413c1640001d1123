"""Databases of releases before the schema `moment`: their tables are where the search path led."""

from typing import Final

import asyncpg

from adapters.postgres.shipped_migrations import shipped

CREATE_LIST: Final = """
CREATE TABLE schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""

RELEASED: Final = 4
"""How many migrations those releases had."""


async def create_as_before(connection: asyncpg.Connection, schema: str, versions: int = 1) -> None:
    """Apply the first migrations to an existing schema, as those releases did."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {schema}")
        await connection.execute(CREATE_LIST)
        for migration in shipped()[:versions]:
            await connection.execute(migration.script)
            await connection.execute(
                "INSERT INTO schema_migrations VALUES ($1, $2)", migration.name, migration.checksum
            )
