"""Check that the `moment` process of this container works; exit with 1 and one line if it does not.

The api and music-tools are checked over HTTP. A worker listens on no port; its event loop wakes twice a second to
renew leases, and a loop that hangs, or a stopped process, does not.
"""

import http.client
import os
import sys
import time
from pathlib import Path

SECONDS = 3.0
PORTS = {"api": ("MOMENT_PORT", "8000"), "music-tools": ("MUSIC_TOOLS_PORT", "8080")}


def main() -> None:
    """Check the container's only process, apart from an init."""
    process, command = next(filter(None, map(command_of, Path("/proc").glob("[0-9]*"))), (Path(), ""))
    if not command:
        sys.exit("no moment process")
    if command in PORTS:
        name, default = PORTS[command]
        text = os.environ.get(name, "").strip("\"' ")
        ask(int(text if text.isdecimal() else default))  # Kubernetes may set it to a URL, which moment ignores
    elif command == "worker" and not is_running(process):
        sys.exit("the worker's event loop is stuck")


def command_of(process: Path) -> tuple[Path, str] | None:
    """Return the process with the command of `python …/moment {command}`; None for any other."""
    try:
        argv = (process / "cmdline").read_text().split("\0")
    except OSError:  # it has just ended
        return None
    return (process, argv[2]) if len(argv) > 2 and Path(argv[1]).name == "moment" else None


def ask(port: int) -> None:
    """Request /healthz."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except OSError as error:
        sys.exit(f"port {port}: {error}")
    if status != http.client.OK:
        sys.exit(f"port {port}: /healthz returned {status}")


def is_running(process: Path) -> bool:
    """Return whether the main thread slept and woke within the time-out."""
    before, deadline = switches(process), time.monotonic() + SECONDS
    while switches(process) == before:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def switches(process: Path) -> int:
    """Return the main thread's voluntary context switches, counted by the kernel."""
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


main()
