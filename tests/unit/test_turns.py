"""In which order new jobs go: by turn and by age."""

from domain.jobs.turns import interleaved


def test_every_fourth_goes_by_age() -> None:
    assert "".join(interleaved("pqrstu", "zyxputsrq", 0)) == "pqrzstuyx"


def test_the_count_goes_on() -> None:
    assert "".join(interleaved("ab", "zba", 3)) == "zab"


def test_what_has_no_turn_goes_when_turns_are_over() -> None:
    assert "".join(interleaved("", "xyz", 0)) == "xyz"
    assert "".join(interleaved("ab", "", 3)) == "ab"
    assert not list(interleaved("", "", 0))
