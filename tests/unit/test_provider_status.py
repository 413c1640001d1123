"""What a provider's status means, as a tool server passes it on."""

from typing import Any

import pytest

from adapters.mcp.results import require_ok
from application.ports.tools import ToolFailed

CASES: list[tuple[dict[str, Any], str, bool, float]] = [
    ({"status": 401, "message": "invalid api key"}, "provider_denied", False, 0),
    ({"status": 401, "message": "x", "detail": {"status": "quota_exceeded"}}, "provider_quota", False, 0),
    ({"status": "402", "message": "payment required"}, "provider_quota", False, 0),
    ({"status": 403, "message": "missing permission"}, "provider_denied", False, 0),
    ({"status": 404, "message": "not found"}, "voice_not_found", True, 0),
    ({"status": 404, "message": "A model with id x was not found"}, "model_not_found", True, 0),
    ({"status": 400, "message": "voice_not_found"}, "voice_not_found", True, 0),
    ({"status": 422, "message": "The voice 'zoe' does not exist"}, "voice_not_found", True, 0),
    ({"status": 400, "message": "unknown model m9"}, "model_not_found", True, 0),
    ({"status": 400, "message": "the voice's stability must be between 0 and 1"}, "provider_refused", True, 0),
    ({"status": 422, "message": "the lyrics break our terms"}, "provider_refused", True, 0),
    ({"status": 429, "message": "slow down", "retry_after": 7}, "provider_busy", False, 7),
    ({"status": 429, "message": "slow down", "retry_after": "90000"}, "provider_busy", False, 3600),
    ({"status": 429, "message": "slow down", "retry_after": "soon"}, "provider_busy", False, 0),
    ({"status": 500, "message": "oops"}, "provider_unavailable", False, 0),
    ({"status": 503, "message": "oops", "retry_after": 2.5}, "provider_unavailable", False, 2.5),
    ({"status": 408, "message": "timeout"}, "provider_unavailable", False, 0),
    ({"status": 409, "message": "conflict"}, "tool_failed", False, 0),
    ({"status": "failed", "message": "?"}, "tool_failed", False, 0),
    ({"status": True, "message": "?"}, "tool_failed", False, 0),
    ({"status": 4020, "message": "?"}, "tool_failed", False, 0),
    ({"status": 402, "message": "ours", "code": "hum_silent", "permanent": True}, "hum_silent", True, 0),
    ({"status": 402, "message": "theirs", "code": "E42"}, "provider_quota", False, 0),
    ({"message": "theirs", "code": "E42"}, "E42", False, 0),
]


@pytest.mark.parametrize(("structured", "code", "permanent", "retry_after"), CASES)
def test_a_status_says_whose_fault_it_is(
    structured: dict[str, Any], code: str, permanent: bool, retry_after: float
) -> None:
    with pytest.raises(ToolFailed) as raised:
        require_ok({"ok": False, **structured})
    error = raised.value
    assert (error.code, error.permanent, error.retry_after) == (code, permanent, retry_after)
    assert error.message == structured["message"]


@pytest.mark.parametrize("structured", [{"ok": True, "status": 500}, {"status": 200}, {"status": "done"}, {}])
def test_a_success_has_any_status(structured: dict[str, Any]) -> None:
    assert require_ok(structured) == structured


def test_a_failure_may_be_told_by_its_status_alone() -> None:
    with pytest.raises(ToolFailed) as raised:
        require_ok({"status": 402})
    assert raised.value.code == "provider_quota"
