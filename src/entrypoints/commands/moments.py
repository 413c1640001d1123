"""The commands of musicians: create a moment, read its status, run the demo."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

import json
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from entrypoints.commands import options
from entrypoints.own_command import own_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from entrypoints.client import Client, Status

HUM = options.UserPath(exists=True, dir_okay=False, readable=True, path_type=Path)
KIND = click.Choice(["preview", "song"])


@click.command(epilog="Example: moment create hum.wav --style lofi -o theme.mp3")
@click.argument("hum", type=options.HumPath(), metavar="FILE|URL")
@options.api
@click.option("--style", default="", help="A style, or words for one; /v1/styles lists them.")
@click.option("--output-kind", type=KIND, default="preview", show_default=True, help="15–30 s, or a whole song.")
@click.option("--blueprint", type=HUM, help="JSON file with any part of a blueprint.")
@click.option("--artifacts", default="", help="More to make, separated by commas: parts, parts_opus, pictures.")
@click.option(
    "--format",
    "output_format",
    default="",
    help="Format of the music: mp3, m4a, opus, flac, wav. [default: that of -o, else mp3]",
)
@click.option("--reference", default="", help="What you call the moment: its client_reference.")
@click.option("--retention", default="", help="How long to keep the moment: PT1H … P30D, or none.")
@click.option("--wait", is_flag=True, help="Wait for the music and print its URL.")
@click.option("-o", "--out", type=options.MusicPath(), help="Save the music here, and --artifacts beside it.")
@click.option("--all", "everything", is_flag=True, help="With -o: save stems, MIDI and lead sheet beside it, too.")
def create(
    hum: Path | str,
    api: str,
    style: str,
    output_kind: str,
    blueprint: Path | None,
    *,
    artifacts: str,
    output_format: str,
    reference: str,
    retention: str,
    wait: bool,
    out: Path | None,
    everything: bool,
) -> None:
    """Turn a hum into music; -o implies --wait."""
    from entrypoints.client import Client
    from entrypoints.commands import remarks
    from entrypoints.commands.artifacts import print_urls, save_beside

    if everything and out is None:
        raise click.UsageError("--all needs -o: files are saved beside the music")
    texts = {
        "artifacts": artifacts,
        "output_format": _format(output_format, out),
        "client_reference": reference,
        "retention": retention,
    }
    fields = _fields(style, output_kind, blueprint) | {name: text for name, text in texts.items() if text}
    remark = remarks.printer()
    with Client.open(api, options.api_key()) as client:
        accepted = client.create_from(hum, fields) if isinstance(hum, str) else _send(client, hum, fields)
        remark(accepted)
        if not wait and out is None:
            click.echo(accepted["job_id"])
            if sys.stdout.isatty():
                click.echo(f"  follow it with: {own_command()} status {accepted['job_id']}", err=True)
            return
        click.echo(f"  job {accepted['job_id']}", err=True)  # to find it again, whatever happens now
        status = _follow(client, accepted["job_id"], remark)
        if out is None:
            click.echo(status["final_audio_url"])
            print_urls(status["artifacts"], to_stderr=True)
        else:
            client.download(status["final_audio_url"], out)
            click.echo(f"{out}: {_describe(status)}")
            save_beside(client, status, out, everything=everything)


@click.command(epilog="Example: moment status 6fb1… --json")
@click.argument("job_id", metavar="ID")
@options.api
@click.option("--json", "as_json", is_flag=True, help="Print the API's response.")
def status(job_id: str, api: str, *, as_json: bool) -> None:
    """Show the status of a moment."""
    from entrypoints.client import Client
    from entrypoints.commands import remarks
    from entrypoints.commands.artifacts import print_urls

    with Client.open(api, options.api_key()) as client:
        found = client.status(job_id)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    click.echo(f"{found['status']}  {found['progress']:.0%}  {_describe(found)}{_outlook(found)}".rstrip())
    remarks.printer()(found)
    for timing in found["timings"]:
        click.echo(f"  {timing['name']:<14}{timing['seconds'] if timing['seconds'] is not None else '…'!s:>8} s")
    if found["error"]:
        click.echo(f"  {found['error']['code']}: {found['error']['message']}")
    if found["final_audio_url"]:
        click.echo(f"  {found['final_audio_url']}")
    print_urls(found["artifacts"])


@click.command(epilog="Example: moment demo hum.wav --style synthwave")
@click.argument("file", type=HUM)
@click.option("--style", default="", help="A style, or words for one.")
@click.option("--output-kind", type=KIND, default="preview", show_default=True, help="15–30 s, or a whole song.")
@click.option(
    "--out", type=options.UserPath(file_okay=False, path_type=Path), default=Path("moment-demo"), show_default=True
)
def demo(file: Path, style: str, output_kind: str, out: Path) -> None:
    """Run the whole service for one hum, save the music, stems, MIDI and blueprint, and stop."""
    from entrypoints.client import Client
    from entrypoints.commands import remarks
    from entrypoints.local.network import free_port
    from entrypoints.local.service import started
    from entrypoints.local.signals import sigterm_as_interrupt

    with tempfile.TemporaryDirectory(prefix="moment-") as folder, sigterm_as_interrupt():
        alone = {"MOMENT_DATA_DIR": folder, "MOMENT_HOST": "127.0.0.1", "REQUIRE_KEYS": "false"}
        settings = options.load_settings(**alone, MOMENT_PORT=free_port())
        click.echo("starting Postgres, the api, a worker and the music tools", err=True)
        with started(settings) as moment:
            moment.await_ready(lambda: False)
            with Client.open(moment.url) as client:
                accepted = _send(client, file, _fields(style, output_kind, None))
                # Without supervision: what breaks ends the demo.
                status = _follow(client, accepted["job_id"], remarks.printer(), moment.check)
                _print_findings(status)
                out.mkdir(parents=True, exist_ok=True)  # not earlier: a failure leaves no empty folder
                _save(client, status, out)


def _format(wanted: str, out: Path | None) -> str:
    """Return the format of the music; nothing for the usual one.

    Raises:
        UsageError: The file has the suffix of another one.
    """
    suffix = out.suffix[1:].lower() if out else ""
    if wanted and suffix and wanted.lower().partition("_")[0] != suffix:
        raise click.UsageError(f"--format is {wanted}, and the name of the file ends with .{suffix}")
    return wanted or ("" if suffix == "mp3" else suffix)


def _fields(style: str, output_kind: str, blueprint: Path | None) -> dict[str, str]:
    plan: dict[str, Any] = {}
    if blueprint is not None:
        try:
            plan = json.loads(blueprint.read_text())
        except ValueError as error:
            raise click.UsageError(f"{blueprint} is not JSON: {error}") from error
    if style:
        plan["style"] = style
    return {"output_kind": output_kind} | ({"blueprint_json": json.dumps(plan)} if plan else {})


def _send(client: "Client", file: Path, fields: dict[str, str]) -> dict[str, Any]:
    """Send a hum and return the API's response: `job_id`, `warnings`."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(), DownloadColumn())
    console = _console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("sending", total=file.stat().st_size)
        return client.create(file, fields, lambda count: progress.advance(task, count))


def _follow(
    client: "Client", job_id: str, remark: "Callable[[Status], None]", check: "Callable[[], None]" = lambda: None
) -> "Status":
    """Return the status of a completed job; `remark` receives every one, what `check` raises ends the wait.

    Raises:
        ClickException: The job ended otherwise.
        KeyboardInterrupt: Ctrl-C; the job is cancelled.
    """
    with _progress() as show:

        def on_change(now: "Status") -> None:
            show(now)
            remark(now)

        try:
            status = client.follow(job_id, on_change, check)
        except KeyboardInterrupt:
            client.cancel(job_id)
            raise
    if status["status"] != "COMPLETED":
        error = status["error"] or {"code": "cancelled", "message": "the job was cancelled"}
        raise click.ClickException(f"{error['message']} ({error['code']}; job {job_id})")
    return status


@contextmanager
def _progress() -> "Iterator[Callable[[Status], None]]":
    """Yield a function that shows a status: as a bar on a terminal, else as a line for each stage."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = _console()
    if not console.is_terminal:
        yield _print_each_stage()
        return
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("pending", total=1.0)
        yield lambda now: progress.update(task, completed=now["progress"], description=_doing(now) + _outlook(now))


def _print_each_stage() -> "Callable[[Status], None]":
    printed: set[str] = set()

    def show(status: "Status") -> None:
        if (doing := _doing(status)) not in printed:
            click.echo(f"  {doing:<10}{status['progress']:>5.0%}", err=True)
            printed.add(doing)

    return show


def _doing(status: "Status") -> str:
    """Return what a job is doing, or what it waits for."""
    waits_for = status.get("waiting_for")  # absent in the status of version 0.2
    return f"{status['status'].lower()}, waiting for {waits_for}" if waits_for else status["status"].lower()


def _outlook(status: "Status") -> str:
    """Return what is foreseen of a job, or nothing: how many are before it, and how long it will take."""
    position, seconds = status.get("queue_position"), status.get("eta_seconds")  # absent in the status of version 0.2
    parts = [f"{position} before it"] if position else []
    parts += [f"about {seconds:.0f} s"] if seconds is not None else []
    return f" ({', '.join(parts)})" if parts else ""


def _save(client: "Client", status: "Status", out: Path) -> None:
    from entrypoints.commands.artifacts import save_in

    save_in(client, status, out)
    (out / "blueprint.json").write_text(json.dumps(status["blueprint_json"], indent=2, ensure_ascii=False) + "\n")
    click.echo(f"  {out / 'blueprint.json'}")


def _print_findings(status: "Status") -> None:
    """Print what was heard, what was composed, and how long each stage took."""
    from entrypoints.commands.findings import findings

    for name, value in findings(status).items():
        click.echo(f"  {name:<9}{value}")


def _describe(status: "Status") -> str:
    from entrypoints.commands.remarks import style_of

    plan = status["blueprint_json"] or {}
    parts = [style_of(status)] if "style" in plan else []
    if not status["terminal"] or status["final_audio_url"]:  # without music, the rest is only a draft
        parts += [str(plan["key"])] if "key" in plan else []
        parts += [f"{plan['tempo_bpm']} bpm"] if "tempo_bpm" in plan else []
    if status["final_audio_url"]:
        last = max((timing["start"] + (timing["seconds"] or 0) for timing in status["timings"]), default=0)
        parts.append(f"made in {last:.1f} s")
    return ", ".join(parts)


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)
