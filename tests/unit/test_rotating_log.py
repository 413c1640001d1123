"""Logs that children append to: nothing is lost at a start, and their size is bounded while a child writes."""

import subprocess
import sys
from pathlib import Path

from adapters.toolkit.rotating_log import KEPT, TAIL_BYTES, Follower, RotatingLog

WRITER = """
import sys
for number in range(1000):
    print("line", number, flush=True)
    if number % 100 == 99:
        print("wrote", file=sys.stderr, flush=True)
        sys.stdin.readline()
"""
"""Writes a hundred lines at a time, and waits until it may go on."""


def write(log: RotatingLog, text: str) -> None:
    with log.open() as file:
        file.write(text.encode())


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_start_appends(tmp_path: Path) -> None:
    for text in ("one\n", "two\n"):
        write(RotatingLog(tmp_path / "log"), text)
    assert (tmp_path / "log").read_text() == "one\ntwo\n"
    assert files(tmp_path) == ["log"]


def test_a_large_file_is_moved_and_old_ones_are_forgotten(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "log", max_bytes=4)
    for number in range(KEPT + 3):
        write(log, f"<{number}>\n")
    assert files(tmp_path) == ["log", "log.1", "log.2", "log.3"]
    assert [(tmp_path / name).read_text() for name in files(tmp_path)] == ["<5>\n", "<4>\n", "<3>\n", "<2>\n"]


def test_a_child_goes_on_at_the_new_end(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "log", max_bytes=2_500)
    pipe = subprocess.PIPE
    with log.open() as sink:
        child = subprocess.Popen([sys.executable, "-c", WRITER], stdin=pipe, stdout=sink, stderr=pipe)
    with child:
        assert child.stdin is not None
        assert child.stderr is not None
        for _ in range(10):
            assert child.stderr.readline() == b"wrote\n"
            log.rotate_if_large()
            child.stdin.write(b"\n")
            child.stdin.flush()
    assert len(files(tmp_path)) == 1 + KEPT
    content = b"".join((tmp_path / name).read_bytes() for name in reversed(files(tmp_path)))
    assert [int(line.split()[1]) for line in content.splitlines()] == list(range(1000))


def test_the_tail_of_a_huge_file_costs_a_few_kilobytes(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "log")
    with log.path.open("wb") as file:
        file.seek(1 << 40)  # a terabyte, which nobody could read
        file.write(b"\nthe last but one\nthe last\n")
    assert log.tail(2) == ["the last but one", "the last"]
    assert len("\n".join(log.tail(1000))) <= TAIL_BYTES
    assert RotatingLog(tmp_path / "nothing").tail(3) == []


def test_a_follower_begins_where_it_is_told_and_survives_a_rotation(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "log", max_bytes=20)
    write(log, "before\n")
    again = RotatingLog(tmp_path / "log", max_bytes=20)
    with again.open() as file:
        follower = Follower(again.path, again.began)
        file.write(b"one\ntw")
        file.flush()
        assert follower.lines() == ["one"]
        file.write(b"o\nthree\n")
        file.flush()
        assert follower.lines() == ["two", "three"]
        again.rotate_if_large()
        file.write(b"four\n")
        file.flush()
        assert follower.lines() == ["four"]
