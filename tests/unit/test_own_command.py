"""What our output tells people to type is what works where they are."""

from pathlib import Path

import pytest

from entrypoints.own_command import example_hum, own_command


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "moment").write_text("#!/bin/sh\n")
    (tmp_path / ".venv" / "bin" / "moment").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    return tmp_path


def test_in_a_clone_the_command_is_named_as_it_was_called(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [".venv/bin/moment", "up"])
    assert own_command() == ".venv/bin/moment"
    monkeypatch.setenv("PATH", str(clone / ".venv" / "bin"))
    assert own_command() == "moment"


def test_run_in_another_way_it_has_its_own_name(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [str(clone / "cli.py")])
    assert own_command() == "moment"


def test_the_example_is_named_where_it_is(clone: Path) -> None:
    assert example_hum() == "hum.wav"
    (clone / "examples").mkdir()
    (clone / "examples" / "hum.wav").touch()
    assert example_hum() == "examples/hum.wav"
