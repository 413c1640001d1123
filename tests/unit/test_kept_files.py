"""Results that nobody fetches leave; whatever we write is for its owner only."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.toolkit.kept_files import KeptFiles
from adapters.toolkit.private_files import make_folder, owner_only
from adapters.toolkit.rotating_log import RotatingLog
from entrypoints.data_dir import prepare, shared_secret

DAY = 86_400.0


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Let everybody read what is created without a mode."""
    before = os.umask(0)
    yield
    os.umask(before)


def made(folder: Path, size: int = 10) -> Path:
    path = folder / "result.mp3"
    path.write_bytes(bytes(size))
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_result_has_a_name_that_cannot_be_guessed_and_is_for_its_owner(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path / "data" / "output", DAY).keep(made(tmp_path))
    assert (kept.suffix, len(kept.stem), kept.stat().st_size) == (".mp3", 32, 10)
    assert [mode(path) for path in (kept, kept.parent, kept.parent.parent)] == [0o600, 0o700, 0o700]
    assert not (tmp_path / "result.mp3").exists()


def test_results_leave_after_their_time_and_nothing_else_does(tmp_path: Path) -> None:
    output, now = tmp_path / "output", [1e9]
    kept_files = KeptFiles(output, DAY, now=lambda: now[0])
    old, young = kept_files.keep(made(tmp_path)), kept_files.keep(made(tmp_path))
    (output / "mine.mp3").write_bytes(b"")
    (output / ("a" * 32)).symlink_to(tmp_path)
    for path, age in ((old, DAY + 1), (young, DAY - 1), (output / "mine.mp3", 9 * DAY)):
        os.utime(path, (now[0] - age,) * 2)
    assert kept_files.clean() == 1
    assert sorted(output.iterdir()) == sorted([young, output / "mine.mp3", output / ("a" * 32)])


def test_the_oldest_leave_when_there_is_too_much_but_never_the_newest(tmp_path: Path) -> None:
    kept_files = KeptFiles(tmp_path / "output", 1e12, max_bytes=25)
    results = []
    for second in range(4):
        results.append(kept_files.keep(made(tmp_path)))
        os.utime(results[-1], (second, second))
    kept_files.clean()
    assert [path.exists() for path in results] == [False, False, True, True]
    large = kept_files.keep(made(tmp_path, 100))
    assert large.exists()
    assert not any(path.exists() for path in results)


def test_a_folder_that_is_not_there_needs_no_cleaning(tmp_path: Path) -> None:
    assert KeptFiles(tmp_path / "output", DAY).clean() == 0


def test_what_exists_keeps_its_mode(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    make_folder(theirs / "a" / "b")
    assert [mode(path) for path in (theirs, theirs / "a", theirs / "a" / "b")] == [0o755, 0o700, 0o700]
    with open(theirs / "file", "xb", opener=owner_only):
        assert mode(theirs / "file") == 0o600


def test_logs_and_secrets_are_for_their_owner(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "data" / "logs")
    log = RotatingLog(folder / "api.log", max_bytes=1)
    with log.open() as file:
        file.write(b"line")
    log.rotate_if_large()
    shared_secret(tmp_path / "data", "objects")
    files = [folder / "api.log", folder / "api.log.1", tmp_path / "data" / "objects.secret"]
    assert [mode(path) for path in files] == [0o600] * 3
    assert [mode(path) for path in (folder, folder.parent)] == [0o700] * 2
