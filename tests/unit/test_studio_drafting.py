"""Drafting: blueprints from a text, and for another length."""

import pytest

from application.studio.drafting import from_text, stretched
from application.studio.validate_blueprint import validate_blueprint
from domain.blueprints.blueprint import to_dict
from domain.blueprints.length import length_ms
from tests.support.jobs import a_blueprint


def test_a_text_is_enough_for_a_valid_blueprint() -> None:
    blueprint = from_text("hello", "hummer")
    assert validate_blueprint(to_dict(blueprint)) == []
    assert (blueprint.lyrics, blueprint.voice.voice_id) == ("hello", "hummer")


@pytest.mark.parametrize(("signature", "expected"), [("4/4", 20_000), ("3/4", 15_000), ("6/8", 15_000)])
def test_length_counts_quarters(signature: str, expected: int) -> None:
    assert length_ms(a_blueprint(time_signature=signature)) == expected


@pytest.mark.parametrize("wanted", [10_000, 60_000, 300_000])
def test_a_wanted_length_is_met_within_a_bar_a_section(wanted: int) -> None:
    sections = [{"name": "verse", "bars": 8}, {"name": "chorus", "bars": 4}]
    blueprint = stretched(a_blueprint(sections=sections), wanted)
    bar = 60_000 / blueprint.tempo_bpm * 4
    assert abs(length_ms(blueprint) - wanted) <= bar * len(sections)
    assert blueprint.sections[0].bars > blueprint.sections[1].bars
