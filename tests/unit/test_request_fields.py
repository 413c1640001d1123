"""The fields of a request: what is read of good ones, and what is said about bad ones."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from application.moments.field_readers import InvalidFields, Setting
from application.moments.request_fields import read_fields
from domain.blueprints.blueprint import OutputKind

NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)


def read(**fields: str) -> dict[str, Any]:
    return read_fields(fields, Setting(now=NOW))


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(InvalidFields) as refused:
        read(artifacts="video", output_kind="opera")
    assert refused.value.code == "invalid_output_kind"
    assert [problem.pointer for problem in refused.value.problems] == ["/output_kind", "/artifacts"]
    assert refused.value.message.startswith("output_kind must be preview or song, not 'opera'; artifacts 'video' is")


@pytest.mark.parametrize("host", ["bücher.example", "हिन्दी.example", "a_b.example.", "[::1]", "127.1", "u:p@a"])
def test_the_host_of_a_recording_may_be_any_name_or_address(host: str) -> None:
    assert read(audio_url=f"https://{host}:8443/a b.wav")


@pytest.mark.parametrize(
    ("field", "names"), [("", ()), (" Parts,, parts_opus,parts", ("parts", "parts_opus")), (",", ())]
)
def test_what_is_wanted_besides_the_usual_is_kept_once(field: str, names: tuple[str, ...]) -> None:
    assert read(artifacts=field)["artifacts"] == names


@pytest.mark.parametrize(
    ("field", "blueprint", "kind"),
    [
        ("", "", OutputKind.PREVIEW),
        (" Song ", "", OutputKind.SONG),
        ("", '{"metadata": {"output_kind": "song"}}', OutputKind.SONG),
        ("preview", '{"metadata": {"output_kind": "song"}}', OutputKind.PREVIEW),
    ],
)
def test_the_field_outweighs_the_blueprint(field: str, blueprint: str, kind: OutputKind) -> None:
    assert read(output_kind=field, blueprint_json=blueprint)["output_kind"] is kind
