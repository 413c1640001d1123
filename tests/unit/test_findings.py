"""What the CLI prints of a finished moment."""

from typing import Any

import msgspec

from domain.blueprints.blueprint import to_dict
from entrypoints.commands.findings import findings
from tests.support.fake_tools import ANALYSIS
from tests.support.jobs import a_blueprint

TIMINGS = [
    {"name": "ANALYZING", "start": 0.0, "seconds": 1.25},
    {"name": "RENDERING", "start": 1.25, "seconds": 3.0},
    {"name": "vocals", "start": 1.3, "seconds": 2.0},
    {"name": "instrumental", "start": 1.3, "seconds": 2.9},
]


def a_status(**fields: Any) -> dict[str, Any]:
    metadata = {"analysis": msgspec.to_builtins(ANALYSIS)}
    return {"blueprint_json": to_dict(a_blueprint(metadata=metadata)), "timings": TIMINGS, **fields}


def test_everything_that_was_found_is_printed() -> None:
    assert findings(a_status(chords=["Am", "F", "C"])) == {
        "style": "cinematic",
        "key": "Am (hummed -12 cents from A4 = 440 Hz)",
        "tempo": "96 bpm, 4/4",
        "notes": "7: C4 D4 E4 F4 G4 E4 C4",
        "chords": "Am F C",
        "stages": "analyzing 1.2 s, rendering 3.0 s (side by side: vocals 2.0 s, instrumental 2.9 s)",
    }


def test_without_chords_there_is_no_line_of_them() -> None:
    assert "chords" not in findings(a_status(chords=[]))
    assert "chords" not in findings(a_status())  # an older server's status


def test_what_was_understood_of_free_words_is_printed() -> None:
    plain: dict[str, object] = {"style": "cinematic", "rhythm": None, "moods": []}
    assert findings(a_status(style_resolved=plain))["style"] == "cinematic"
    mixed = {"style": "lofi", "rhythm": "rock", "moods": ["dark", "slow"]}
    assert findings(a_status(style_resolved=mixed))["style"] == (
        "cinematic (played as lofi, rhythm of rock, dark, slow)"
    )


def test_a_style_that_is_not_known_is_named_with_the_one_that_is_played() -> None:
    warning = {"code": "unknown_style", "pointer": "/style", "message": "no style is known by these words"}
    assert findings(a_status(warnings=[warning]))["style"] == "cinematic (not known, played as cinematic)"
