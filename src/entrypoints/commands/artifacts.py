"""The files of a finished moment: saved beside each other, or named by their URLs."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.jobs.artifacts import ON_REQUEST

if TYPE_CHECKING:
    from entrypoints.client import Client, Status


def save_in(client: "Client", status: "Status", folder: Path) -> None:
    """Save the music and every artifact in a folder, and print their paths."""
    for name, url in {"final": status["final_audio_url"], **status["artifacts"]}.items():
        _save(client, url, folder / _file_name(name, url))


def save_beside(client: "Client", status: "Status", music: Path, *, everything: bool) -> None:
    """Save artifacts beside the music, by names that begin with its own; print their paths, and the URLs of the rest.

    Args:
        client: Of the API that made them.
        status: Of a completed moment.
        music: The file of the music.
        everything: Whether to save all of them, or only what was asked for (`--artifacts`).
    """
    rest = dict[str, str]()
    for name, url in status["artifacts"].items():
        if everything or name in ON_REQUEST:
            _save(client, url, music.with_name(f"{music.stem}_{_file_name(name, url)}"))
        else:
            rest[name] = url
    print_urls(rest, to_stderr=True)


def print_urls(artifacts: dict[str, str], *, to_stderr: bool = False) -> None:
    """Print the URLs of artifacts by name, a line each."""
    width = max(map(len, artifacts), default=0)
    for name, url in artifacts.items():
        click.echo(f"  {name:<{width}}  {url}", err=to_stderr)


def _save(client: "Client", url: str, out: Path) -> None:
    client.download(url, out)
    click.echo(f"  {out}")


def _file_name(name: str, url: str) -> str:
    """Return the name of an artifact's file, which stays in its folder whatever the API calls it."""
    return re.sub(r"\W", "_", name) + Path(url.partition("?")[0]).suffix
