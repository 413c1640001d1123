"""What jobs depend on, and what becomes of a job when a dependency may be to blame for its failure."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from enum import Enum, auto
from functools import partial
from math import inf
from typing import Final

import anyio
import msgspec

from application.ports.tools import MusicTools, ToolFailed, ToolsBusy, ToolsLost
from application.worker.blame import OF_KIND, PROVIDER_OF_KIND, PROVIDERS, UNKNOWN, Dependency, proven_by, suspects_of
from application.worker.circuit_breaker import (
    FIRST_PAUSE,
    FIRST_TRIAL_PAUSE,
    LONGEST_PAUSE,
    LONGEST_TRIAL_PAUSE,
    CircuitBreaker,
    State,
)
from application.worker.slot_limit import SlotLimit
from domain.blueprints.blueprint import OutputKind
from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.faults import Fault, fault_of
from domain.jobs.transitions import JobStatus

Probe = Callable[[], Awaitable[None]]
"""Asks a dependency for a sign of life."""

BACK_SECONDS: Final = 120.0
"""Tools that are away for longer are an outage, whatever began it."""

UNTRIED_SECONDS: Final = 86_400.0
"""After a result that was made, and paid, and turned out to be out of reach, no job tries for so long. What helps is a
setting or a mount, and so a new worker, which tries at once."""

WATCH_PAUSE: Final = 0.25
"""Seconds between two pings while the tools are watched: a server takes longer to be started again."""


class Verdict(Enum):
    """What becomes of a job that failed."""

    REFUSED = auto()
    """Its input is bad: it ends."""
    ERROR = auto()
    """It failed by itself: tried again, a few times."""
    BREAK = auto()
    """The tools broke down while they worked on it: tried again, alone if that happens twice, and not for ever."""
    SETBACK = auto()
    """Something was away for a moment: tried again, as often as it takes."""
    WAIT = auto()
    """Something is away or misconfigured: it waits until that is well again."""


class Judgement(msgspec.Struct, frozen=True):
    """A verdict, and the error that explains it."""

    verdict: Verdict
    error: MomentError


class Claimable(msgspec.Struct, frozen=True):
    """What a worker may run now: these kinds of moments, and at most so many jobs at once.

    Attributes:
        trials: Other kinds, of which one job at a time may run, to find out whether they can be made again.
    """

    kinds: Collection[OutputKind]
    limit: int
    trials: Collection[OutputKind] = ()


class Dependencies:
    """One circuit breaker for each dependency, in the memory of a worker.

    Args:
        try_storage: Raises what is wrong with the object store.
        slot_limit: How many jobs the tools admit.
        chance: Uniform random numbers in [0, 1).
        longest_pause: Seconds between two probes or trials, at most, unless a provider asks for more.
    """

    def __init__(
        self,
        tools: MusicTools,
        try_storage: Probe,
        slot_limit: SlotLimit,
        chance: Callable[[], float],
        *,
        longest_pause: float = inf,
    ) -> None:
        self._slot_limit = slot_limit
        self._changed = anyio.Event()

        def breaker(dependency: Dependency, probe: Probe, silence: Code, *, conclusive: bool) -> CircuitBreaker:
            return CircuitBreaker(
                dependency.value,
                probe,
                chance,
                self._announce,
                silence=silence,
                conclusive=conclusive,
                first_pause=FIRST_TRIAL_PAUSE if dependency in PROVIDERS else FIRST_PAUSE,
                longest_pause=min(longest_pause, LONGEST_TRIAL_PAUSE if dependency in PROVIDERS else LONGEST_PAUSE),
            )

        self._breakers = {
            Dependency.TOOLS: breaker(Dependency.TOOLS, tools.ping, "tools_unavailable", conclusive=False),
            Dependency.STORAGE: breaker(Dependency.STORAGE, try_storage, "storage_unavailable", conclusive=False),
        }
        for kind, dependency in OF_KIND.items():  # a list of tools either has what the kind needs, or not
            check = partial(tools.check, kind)
            self._breakers[dependency] = breaker(dependency, check, "tools_unavailable", conclusive=True)
        for dependency in PROVIDER_OF_KIND.values():
            self._breakers[dependency] = breaker(dependency, _nothing, "provider_unavailable", conclusive=False)

    async def run(self) -> None:
        """Probe what is away, until cancelled."""
        async with anyio.create_task_group() as probing:
            for breaker in self._breakers.values():
                probing.start_soon(breaker.run)

    async def check_storage(self) -> None:
        """Probe the object store before the first job: in a wrong one, a stage that reads nothing would succeed."""
        await self._breakers[Dependency.STORAGE].check()

    async def changed(self) -> None:
        """Return when something has gone away or come back."""
        await self._changed.wait()

    def claimable(self) -> Claimable:
        """Return what may be claimed: nothing that needs what is away, and one job to try what came back."""
        states = {dependency: breaker.state for dependency, breaker in self._breakers.items()}
        needed = (states[Dependency.TOOLS], states[Dependency.STORAGE])
        if State.OPEN in needed:
            return Claimable((), self._slot_limit.slots)
        kinds = {kind: states[PROVIDER_OF_KIND[kind]] for kind, own in OF_KIND.items() if states[own] is not State.OPEN}
        return Claimable(
            kinds=[kind for kind, provider in kinds.items() if provider is State.CLOSED],
            limit=1 if State.HALF_OPEN in needed else self._slot_limit.slots,
            trials=[kind for kind, provider in kinds.items() if provider is State.HALF_OPEN],
        )

    @property
    def troubled(self) -> bool:
        """Whether anything is away, or has not proved that it is back."""
        return any(breaker.state is not State.CLOSED for breaker in self._breakers.values())

    def waiting_for(self) -> dict[OutputKind, str]:
        """Return the codes of what keeps each kind of moment waiting."""
        codes: dict[OutputKind, str] = {}
        for kind, own in OF_KIND.items():
            for dependency in (
                PROVIDER_OF_KIND[kind],
                own,
                Dependency.STORAGE,
                Dependency.TOOLS,
            ):  # the last one that is open is named
                breaker = self._breakers[dependency]
                if breaker.state is State.OPEN and breaker.error:  # one that is half-open only awaits a job
                    codes[kind] = breaker.error.code
        return codes

    def succeeded(self, stage: JobStatus, kind: OutputKind) -> None:
        """Note that a stage of a job of this kind has finished, by the state that it began in."""
        self._slot_limit.grow()
        for dependency in proven_by(stage, kind):
            self._breakers[dependency].succeed()

    async def judge(self, error: MomentError, kind: OutputKind) -> Judgement:
        """Return what becomes of a job that failed; whoever may be to blame is probed first."""
        suspects = suspects_of(error, kind)
        breakers = [self._breakers[suspect] for suspect in suspects]
        found = await _first_found(breakers)
        if isinstance(error, ToolsLost):  # whether they are back already says nothing about why they were lost
            if not found:
                _failed(breakers, error)
            return Judgement(Verdict.BREAK, error)
        if found:
            return Judgement(Verdict.WAIT, found)
        if error.code in UNKNOWN and self._slot_limit.recently_busy:
            return Judgement(Verdict.WAIT, ToolsBusy("the music tools were busy all the time", retry_after=0.0))
        fault = fault_of(error)
        if providers := [self._breakers[suspect] for suspect in suspects if suspect in PROVIDERS]:
            return Judgement(Verdict.WAIT if _refused(providers, error, fault) else Verdict.SETBACK, error)
        if fault is Fault.OUTAGE:
            return Judgement(Verdict.WAIT if _failed(breakers, error) else Verdict.SETBACK, error)
        return Judgement(Verdict.REFUSED if fault is Fault.INPUT else Verdict.ERROR, error)

    async def tools_stay_up(self, seconds: float) -> bool:
        """Return whether the tools, once they are back, answer every ping for so long."""
        tools = self._breakers[Dependency.TOOLS]
        with anyio.move_on_after(BACK_SECONDS):
            while tools.state is State.OPEN:
                await self.changed()
        ends = anyio.current_time() + seconds
        while not await tools.check():
            if anyio.current_time() >= ends:
                return True
            await anyio.sleep(WATCH_PAUSE)
        return False

    def _announce(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


async def _first_found(breakers: Iterable[CircuitBreaker]) -> MomentError | None:
    for breaker in breakers:
        if found := await breaker.check():
            return found
    return None


def _refused(providers: Iterable[CircuitBreaker], error: MomentError, fault: Fault) -> bool:
    """Note what only a job can try again; return whether that opens a breaker."""
    asked = error.retry_after if isinstance(error, ToolFailed) else 0.0
    decides = fault is Fault.CONFIGURATION or error.code == "provider_busy" or asked > 0
    pause = UNTRIED_SECONDS if error.code == "result_unreachable" else asked
    opened = [breaker.fail(error, decides=decides, pause=pause) for breaker in providers]
    return any(opened)


async def _nothing() -> None:
    """Stand for the probe of a provider: it would cost money."""


def _failed(breakers: Iterable[CircuitBreaker], error: MomentError) -> bool:
    """Note a failure that no probe confirms; return whether that opens a breaker."""
    opened = [breaker.fail(error) for breaker in breakers]
    return any(opened)
