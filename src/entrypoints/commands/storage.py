"""The command that gives a bucket to a database."""

from typing import TYPE_CHECKING

import click

from entrypoints.commands.with_container import with_container

if TYPE_CHECKING:
    from application.upkeep.adopt_bucket import BucketSurvey


@click.group()
def storage() -> None:
    """Object storage and the database that it belongs to."""


@storage.command(epilog="Example: moment storage adopt")
@click.option("--yes", is_flag=True, help="Do not ask.")
def adopt(*, yes: bool) -> None:
    """Mark the bucket as the one of this database, and let objects without a job go.

    For a bucket that workers refuse or do not sweep: one with the marker of another database, or without a marker
    although this database has marked one before, or with many objects whose jobs are not in this database. `moment
    doctor` says which. Make sure first that DATABASE_URL and DO_SPACES_BUCKET are the right ones: objects without a job
    are deleted a week after they were found.
    """
    survey = with_container(lambda container: container.adopt_bucket().survey())
    for line in _lines(survey):
        click.echo(line)
    if not yes:
        click.confirm("Take over the bucket?", abort=True)
    with_container(lambda container: container.adopt_bucket()())
    click.echo("done: api and workers use it from now on")


def _lines(survey: "BucketSurvey") -> list[str]:
    return [
        f"database  {survey.installation}",
        f"bucket    {survey.place}",
        f"before    {survey.remembered or 'none'}: what this database has marked last",
        f"marker    {', '.join(survey.owners) or 'none'}",
        f"objects   {survey.objects}",
        f"orphans   {survey.orphans}: objects of jobs that are not in this database",
    ]
