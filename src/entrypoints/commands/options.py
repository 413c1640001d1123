"""Options that several commands share, and the settings they override."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from entrypoints.draft_files import draft_of

if TYPE_CHECKING:
    from entrypoints.setting_sources import Given
    from entrypoints.settings import Settings

LOCAL_API: Final = "http://127.0.0.1:8000"

host = click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
port = click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. [default: 8000]")
data_dir = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the embedded parts. [default: .moment]",
)
api = click.option(
    "--api",
    envvar="MOMENT_API_URL",
    callback=lambda _context, _option, url: url or _url_of_service(),
    help=f"URL of the service. [default: that of `moment up` in this folder, else {LOCAL_API}]",
)


def api_key() -> str:
    """Return the key that is sent to the service, or nothing; it is no option, since others see those of a process."""
    return os.environ.get("MOMENT_API_KEY", "").strip()


class UserPath(click.Path):
    """A path in which `~` is the home folder, also where no shell has replaced it (make HUM=~/hum.wav)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, checked."""
        path = super().convert(os.path.expanduser(value), param, ctx)  # noqa: PTH111 - Path() drops a final slash
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):  # noqa: PTH110, PTH112, PTH113
            self.fail(f"{os.fspath(path)!r} is no regular file", param, ctx)
        return path


class HumPath(UserPath):
    """A recording: a file, or the http(s) URL of one, which stays a text."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, readable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, checked, or the URL."""
        return value if str(value).startswith(("http://", "https://")) else super().convert(value, param, ctx)


class MusicPath(UserPath):
    """Where music is saved: a file that can be written, named as what it will be."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, checked before anything is rendered."""
        from domain.jobs.output_formats import MEDIA_TYPES, output_format_named

        self._require_a_file_name(os.fspath(value), param, ctx)
        path: Path = super().convert(_with_suffix(os.fspath(value)), param, ctx)
        if output_format_named(path.suffix[1:]) is None:
            known = ", ".join(dict.fromkeys(name.partition("_")[0] for name in MEDIA_TYPES))
            self.fail(f"music comes as {known}; name it {path.with_suffix('.mp3').name!r}", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"there is no folder {str(path.parent)!r}", param, ctx)
        try:  # as the download will
            draft_of(path).touch()
            draft_of(path).unlink()
        except OSError as error:
            self.fail(f"{str(path)!r} cannot be written: {error.strerror}", param, ctx)
        return path

    def _require_a_file_name(self, given: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        folder = Path(given).expanduser()
        if folder.is_dir():
            self.fail(f"{given!r} is a folder; add a file name: {str(Path(given) / 'theme.mp3')!r}", param, ctx)
        if given.endswith(os.sep):
            self.fail(f"there is no folder {given!r}", param, ctx)


def _with_suffix(given: str) -> str:
    """Return a name with the suffix `.mp3` where it has none, and say so."""
    if Path(given).suffix or not Path(given).name:
        return given
    click.echo(f"  the music is an MP3, saved as {given}.mp3", err=True)
    return f"{given}.mp3"


def load_settings(**overrides: object) -> "Settings":
    """Return the settings of the environment and `.env`, overridden by options of the command line.

    Raises:
        InvalidSettings: A setting is invalid.
    """
    return read_settings(**overrides)[1]


def read_settings(**overrides: object) -> "tuple[dict[str, Given], Settings]":
    """Return what is given and where it comes from, and the settings that it makes.

    Raises:
        InvalidSettings: A setting is invalid.
    """
    from entrypoints.setting_sources import gather
    from entrypoints.settings import of_given, secret_names

    options = {name: str(value) for name, value in overrides.items() if value is not None}
    given = gather(os.environ, Path.cwd(), options, secret_names())
    return given, of_given(given)


def at_running_service(settings: "Settings") -> "Settings":
    """Return the settings with the URL of the `moment up` that runs in their folder, wherever it listens."""
    import msgspec

    from entrypoints.local.running import find_url

    return msgspec.structs.replace(settings, public_url=find_url(settings.data_dir) or settings.public_url)


def _url_of_service() -> str:
    from entrypoints.local.running import find_url

    return find_url(load_settings().data_dir) or LOCAL_API
