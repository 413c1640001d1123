"""`moment up`: run everything until a signal, and print what people need to know."""

import time
from collections.abc import Callable
from typing import Final

from adapters.toolkit.rotating_log import Follower
from entrypoints.local.running import announced
from entrypoints.local.service import LocalService, started
from entrypoints.local.signals import StopEvent, stop_signals
from entrypoints.own_command import example_hum, own_command
from entrypoints.settings import Settings, local_url

POLL_SECONDS: Final = 0.1
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


def up(settings: Settings, *, verbose: bool, echo: Callable[[str], None]) -> None:
    """Run everything until SIGTERM or SIGINT; a second one stops it at once.

    Once everything was ready, a part that ends by itself is started again.

    Raises:
        ChildDied: A part has ended before that, or ends again and again; the others are stopped.
        MomentError: A part could not be started.
    """
    began = time.monotonic()
    with stop_signals() as stop, started(settings) as moment:
        stop.stop_now = moment.stop_now
        echo("starting: this takes some seconds")
        moment.await_ready(stop.is_set)
        if not stop.is_set():
            echo(_welcome(settings, moment, time.monotonic() - began))
        with announced(settings.data_dir, moment.url):
            _tend(moment, stop, echo, verbose=verbose)
        echo("finishing running jobs; Ctrl-C again stops at once")


def _tend(moment: LocalService, stop: StopEvent, echo: Callable[[str], None], *, verbose: bool) -> None:
    """Look after the parts until `stop` is set, and print what happens."""
    followed = moment.children if verbose else []
    followers = [(child.name, Follower(child.log.path, child.log.began)) for child in followed]
    while not stop.wait(POLL_SECONDS):
        for line in moment.tend():
            echo(line)
        for name, follower in followers:
            for line in follower.lines():
                echo(f"{name:>11} | {line}")


def _welcome(settings: Settings, moment: LocalService, seconds: float) -> str:
    """Return the lines that are printed once everything is ready."""
    url = moment.url
    lines = [
        f"ready after {seconds:.1f} s",
        f"  open        {url}",
        f"  api docs    {url}/docs",
        f"  operations  {url}/ops",
        f"  or try      {own_command()} create {example_hum()} -o theme.mp3 --api {url}",
        f"  logs        {settings.data_dir / 'logs'}",
    ]
    if settings.host in EVERYWHERE and url == local_url(settings.host, settings.port):
        lines.append(
            "  hint        signed URLs for other machines start with this URL: set PUBLIC_URL to one that they reach"
        )
    for name, code in moment.failing_parts().items():
        lines.append(f"  warning     {name} does not work ({code}): `moment doctor` explains it")
    return "\n".join(lines)
