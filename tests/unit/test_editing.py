"""Edited notes of a hum: what is heard anew, what stays, and that the piece follows them."""

import msgspec
import pytest

from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.blueprints.metadata import read_analysis, to_json
from domain.music.composition.arrangement import compose
from domain.music.hum import Analysis, Stretch
from domain.music.listening.editing import LONGEST, EditedNote, edited, order_problems
from domain.music.score import Score
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum

HEARD = hum(ODE, phrases=ODE_PHRASES, tuning_cents=30.0)


def as_notes(analysis: Analysis, **changes: int) -> list[EditedNote]:
    """Return the notes of a hum in tune as an editor would send them, with other pitches at some indices (`n3=60`)."""
    pitches = [round(note.pitch - analysis.tuning_cents / 100) for note in analysis.notes]
    for name, pitch in changes.items():
        pitches[int(name[1:])] = pitch
    return [EditedNote(note.onset, note.duration, pitch) for note, pitch in zip(analysis.notes, pitches, strict=True)]


def piece(analysis: Analysis) -> Score:
    fixed = {"tempo_bpm": 100, "key": analysis.key, "sections": [{"name": "theme", "bars": 8}]}
    blueprint = complete(fixed, analysis, blueprint_id="x", kind=OutputKind.PREVIEW, voice_id="hummer", seed=1)
    return compose(brief_of(blueprint, OutputKind.PREVIEW))


def test_the_same_notes_leave_everything_that_was_heard() -> None:
    same = edited(HEARD, as_notes(HEARD))
    assert msgspec.structs.replace(same, written=(), tuning_curve=(), sung_from=()) == HEARD
    assert [note.pitch for note in piece(same).sheet.melody] == [note.pitch for note in piece(HEARD).sheet.melody]


def test_voice_lead_and_sheet_follow_an_edited_pitch() -> None:
    before, after = piece(HEARD), piece(edited(HEARD, as_notes(HEARD, n2=57)))
    assert [note.pitch for note in before.sheet.melody[:4]] == [52, 52, 53, 55]
    assert [note.pitch for note in after.sheet.melody[:4]] == [52, 52, 57, 55]
    (lead,) = [line for line in after.vocals if line.role == "lead"]
    assert [note.pitch for note in lead.notes[:4]] == [52.0, 52.0, 57.0, 55.0]
    played, was_played = [next(part.notes for part in score.parts if part.name == "lead") for score in (after, before)]
    changed = [(now.pitch - was.pitch) for now, was in zip(played, was_played, strict=True) if now.pitch != was.pitch]
    assert changed
    assert set(changed) == {4}


def test_a_note_that_nobody_hummed_is_sung_from_the_nearest_one() -> None:
    notes = as_notes(HEARD)
    first, second = notes[0], notes[1]
    halves = [
        msgspec.structs.replace(first, duration=0.25),
        msgspec.structs.replace(first, start=first.start + 0.3, duration=0.25, pitch=55),
    ]
    after = edited(HEARD, [*halves, second, EditedNote(30.0, 0.5, 60)])
    stretches = [(stretch.onset, round(stretch.duration, 3)) for stretch in after.sung_from]
    assert stretches[0] == stretches[1] == (0.5, 0.6)  # up to the next note: nobody breathes between
    assert stretches[3][0] == HEARD.notes[-1].onset
    assert [note.onset for note in after.notes] == [0.5, 0.8, 1.1, 30.0]


def test_an_edit_of_an_edit_is_sung_from_the_recording() -> None:
    moved = edited(HEARD, [EditedNote(5.0, 0.5, 60)])
    again = edited(moved, [EditedNote(5.0, 0.5, 64)])
    assert again.sung_from == moved.sung_from
    assert isinstance(again.sung_from[0], Stretch)


def test_the_key_stays_while_the_tune_is_in_it_and_is_found_again_where_it_is_not() -> None:
    assert edited(HEARD, as_notes(HEARD, n2=54)).key == "C"  # one F sharp
    up = {f"n{index}": round(note.pitch - 0.3) + 1 for index, note in enumerate(HEARD.notes)}
    raised = edited(HEARD, as_notes(HEARD, **up))
    assert raised.key == "Db"
    assert raised.written == tuple(up.values())
    assert (raised.tempo_bpm, raised.first_beat, raised.phrases) == (HEARD.tempo_bpm, HEARD.first_beat, HEARD.phrases)


def test_phrases_follow_the_new_rhythm() -> None:
    spaced = [EditedNote(index * 0.5 + (index // 4) * 2.0, 0.45, 60 + index % 3) for index in range(12)]
    assert edited(HEARD, spaced).phrases == (0, 4, 8)


def test_loudness_is_the_one_that_was_hummed_unless_it_is_said() -> None:
    first, *others = as_notes(HEARD)
    after = edited(HEARD, [msgspec.structs.replace(first, velocity=0.2), *others])
    assert [note.loudness for note in after.notes[:2]] == [0.2, 0.8]


def test_an_edited_analysis_is_a_valid_one() -> None:
    after = edited(HEARD, as_notes(HEARD, n0=40))
    assert read_analysis({"analysis": to_json(after)}) == after


@pytest.mark.parametrize(
    ("notes", "pointer"),
    [
        ([], "/notes"),
        ([EditedNote(0, 1, 60), EditedNote(0.9, 1, 60)], "/notes/1/start"),
        ([EditedNote(0, 1, 60), EditedNote(LONGEST - 1, 2, 60)], "/notes/1/duration"),
    ],
)
def test_wrong_lists_are_pointed_at(notes: list[EditedNote], pointer: str) -> None:
    assert [problem.pointer for problem in order_problems(notes, "/notes")] == [pointer]


def test_rounded_numbers_may_touch() -> None:
    assert order_problems([EditedNote(0, 0.5005, 60), EditedNote(0.5, 1, 60)], "/notes") == []
