"""`python -m benchmarks [NAME …]`: measure everything, or only what is named, and print a table."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from adapters.postgres.embedded.server import embedded_postgres
from benchmarks import mastering, moments, overload, transcription_rows
from benchmarks.processor_time import steal
from benchmarks.queue_rows import MEASUREMENTS
from benchmarks.results import Row, publish

OUT: Final = Path("build/bench/results.json")
ON_DISK: Final = "/var/tmp"  # noqa: S108 - for a folder with a name that nobody can guess
"""Where measurements take place: `/tmp` is memory on many machines, where an fsync costs nothing. Where it is a disk,
tests delete many files in it, and ext4 is slow to create files beside recently deleted ones."""

READABLE: Final = 0o755
"""Root's Postgres runs as another user, who needs access."""

WITH_REAL_TOOLS: Final[dict[str, Callable[[], list[Row]]]] = {
    "transcription": transcription_rows.measure,
    "mastering": mastering.measure,
    "moments": moments.measure,
    "overload": overload.measure,
}


def measure(names: Sequence[str]) -> Iterator[Row]:
    """Yield every figure: first the queue on one Postgres, then the whole service."""
    with tempfile.TemporaryDirectory(prefix="moment-bench-", dir=ON_DISK) as name:
        folder = Path(name)
        folder.chmod(READABLE)
        with embedded_postgres(folder / "postgres") as server:
            for measurement, rows in MEASUREMENTS.items():
                if measurement in names:
                    print(f"measuring: {measurement}", file=sys.stderr)  # noqa: T201 - it takes minutes
                    yield from rows(server, folder / measurement)
    for measurement, real in WITH_REAL_TOOLS.items():
        if measurement in names:
            print(f"measuring: {measurement}", file=sys.stderr)  # noqa: T201 - as above
            yield from real()


if __name__ == "__main__":
    measured: list[Row] = []
    stolen = steal()
    try:
        measured.extend(measure(sys.argv[1:] or [*MEASUREMENTS, *WITH_REAL_TOOLS]))
    finally:
        taken = Row("processor time that the host took for others meanwhile", 100 * stolen(), "%")
        publish([*measured, taken], OUT)  # also where a later measurement broke: the others took minutes
