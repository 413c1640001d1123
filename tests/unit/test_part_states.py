"""The states of parts, as readiness reports them."""

import anyio
import pytest

from application.ports.objects import StorageDenied
from entrypoints.api import part_states
from entrypoints.api.part_states import LastKnownState, state_of

pytestmark = pytest.mark.anyio


class Part:
    """A part that answers when it is let, and then fails if it is told to."""

    def __init__(self) -> None:
        self.answers = anyio.Event()
        self.error: Exception | None = None
        self.pings = 0

    async def ping(self) -> None:
        self.pings += 1
        await self.answers.wait()
        if self.error:
            raise self.error


async def test_a_part_is_ok_or_has_the_code_of_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part()
    part.answers.set()
    assert await state_of(part.ping) == "ok"
    part.error = StorageDenied("no such bucket")
    assert await state_of(part.ping) == "storage_denied"
    monkeypatch.setattr(part_states, "PING_SECONDS", 0.01)
    assert await state_of(Part().ping) == "timeout"


async def test_the_last_state_is_returned_while_a_check_hangs_and_callers_share_it() -> None:
    fine, stuck = Part(), Part()
    fine.answers.set()
    state = LastKnownState()
    assert await state.get(fine.ping) == "ok"
    assert [await state.get(stuck.ping) for _ in range(2)] == ["ok", "ok"]
    assert stuck.pings == 1
    stuck.error = StorageDenied("no such bucket")
    stuck.answers.set()
    assert await state.get(stuck.ping) == "storage_denied"


async def test_nothing_known_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_states, "PING_SECONDS", 0.01)
    assert await LastKnownState().get(Part().ping) == "timeout"
