"""The executable `moment`."""

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from application.version import VERSION
from domain.errors import MomentError
from entrypoints.commands import jobs, keys, moments, processes, webhooks
from entrypoints.commands.doctor import doctor
from entrypoints.commands.import_celery import import_celery
from entrypoints.commands.settings import settings
from entrypoints.commands.storage import storage
from entrypoints.isolation import isolate
from entrypoints.own_command import example_hum, own_command

INTERRUPTED = 130


class OneLineErrors(click.Group):
    """Prints errors as one line and exits with 1 (2 for settings), without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except MomentError as error:
            for line in _lines_of(error):
                click.echo(f"Error: {line}", err=True)
            sys.exit(2 if error.code.startswith("invalid_settings") else 1)
        except KeyboardInterrupt:
            click.echo("", err=True)
            sys.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except OSError as error:
            click.echo(f"Error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True)
            sys.exit(1)
        except Exception as error:
            if os.environ.get("MOMENT_LOG_LEVEL", "").upper() == "DEBUG":
                raise
            kind = type(error).__name__
            click.echo(f"Error: a defect ({kind}: {error}); MOMENT_LOG_LEVEL=DEBUG shows the traceback", err=True)
            sys.exit(1)


def _lines_of(error: MomentError) -> Sequence[str]:
    """Return a line for an error, or one for each setting that cannot be used."""
    problems: Sequence[str] = getattr(error, "problems", ()) if error.code == "invalid_settings" else ()
    return problems or [error.message]


HELP: Final = f"""Hum a tune, hear it back seconds later as your own theme music.

\b
{own_command()} up
  everything on this machine
{own_command()} create {example_hum()} -o theme.mp3
  send a hum, wait, save the music
"""


@click.group(
    cls=OneLineErrors, help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(VERSION, message="%(version)s")
def main() -> None:
    """Keep variables that are meant for other programs away from every command."""
    isolate(os.environ)


for command in (
    processes.up,
    moments.create,
    moments.status,
    moments.demo,
    jobs.jobs,
    keys.keys,
    webhooks.webhooks,
    storage,
    processes.api,
    processes.worker,
    processes.music_tools,
    processes.migrate,
    import_celery,
    doctor,
    settings,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
