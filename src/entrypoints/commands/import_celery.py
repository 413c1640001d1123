"""The command that brings moments of the Celery version over."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

from collections import Counter
from typing import TYPE_CHECKING

import click

from entrypoints.commands.with_container import with_container

if TYPE_CHECKING:
    from entrypoints.container import Container


@click.command("import-celery", epilog="Example: moment import-celery --dry-run")
@click.option("--table", default="public.jobs", show_default=True, help="The table of the Celery version.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each row.")
def import_celery(table: str, *, dry_run: bool) -> None:
    """Bring finished moments of the Celery version over, so that their links go on to work.

    Rows that COMPLETED or FAILED are copied from its table in DATABASE_URL; their objects stay where they are in the
    bucket. It may be called again: what is there is left alone. Prints a line for each row that is left out.
    """

    async def act(container: "Container") -> "Counter[str]":
        from application.upkeep.import_celery_jobs import ImportCeleryJobs

        spaces = container.settings().spaces
        bring_over = ImportCeleryJobs(
            container.celery_jobs(table=table), container.store(), spaces.bucket if spaces else "", container.clock()
        )
        counts: Counter[str] = Counter()
        async for row in bring_over(dry_run=dry_run):
            counts[row.outcome] += 1
            if row.outcome not in {"imported", "there already"}:
                click.echo(f"{row.id}  left out: {row.outcome}")
        return counts

    counts = with_container(act)
    left_out = counts.total() - counts["imported"] - counts["there already"]
    verb = "would be imported" if dry_run else "imported"
    click.echo(f"{counts['imported']} {verb}, {counts['there already']} there already, {left_out} left out")
