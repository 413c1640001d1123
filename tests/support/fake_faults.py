"""Planned faults for fakes: a method fails, is slow, or runs a hook, as often and whenever a test plans it.

Every fake has `faults`, and its methods are marked `@faulty`:

    jobs.faults.fail("claim", DatabaseUnavailable("restarting"), times=3)
    jobs.faults.delay("save", 0.2)
    jobs.faults.before("claim", stop_the_worker)
    assert jobs.faults.calls["save"] == [(lease, job)]
"""

import functools
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

import anyio

ALWAYS: Final = math.inf

P = ParamSpec("P")
R = TypeVar("R")
Hook = Callable[..., Awaitable[None]]
Condition = Callable[..., bool]


def _any_call(*_: object, **__: object) -> bool:
    return True


class Fault:
    """One planned fault.

    Attributes:
        left: How often it will still happen.
        happened: Set once it has happened.
    """

    def __init__(self, hook: Hook, times: float, when: Condition, *, after: bool) -> None:
        self._hook = hook
        self._when = when
        self.after = after
        self.left = times
        self.happened = anyio.Event()

    def applies(self, *args: object, **kwargs: object) -> bool:
        """Return whether it happens in a call with these arguments."""
        return self.left > 0 and self._when(*args, **kwargs)

    async def happen(self, *args: object, **kwargs: object) -> None:
        """Happen, once less from now on."""
        self.left -= 1
        self.happened.set()
        await self._hook(*args, **kwargs)


class Faults:
    """The planned faults of one fake.

    Attributes:
        calls: The positional arguments of every call, by method.
    """

    def __init__(self) -> None:
        self.calls: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._planned: dict[str, list[Fault]] = defaultdict(list)

    def fail(
        self, method: str, *errors: Exception, times: float = 1, when: Condition = _any_call, after: bool = False
    ) -> Fault:
        """Raise the errors, one per call, each `times` times in a row; return the last of the faults.

        Args:
            times: `ALWAYS` for every call.
            when: Limits it to calls with certain arguments.
            after: Raise after the method has done its work: the answer alone is lost.
        """
        return [self._plan(method, Fault(_raiser(error), times, when, after=after)) for error in errors][-1]

    def delay(
        self,
        method: str,
        seconds: float | Callable[[], float],
        *,
        times: float = ALWAYS,
        when: Condition = _any_call,
        after: bool = False,
    ) -> Fault:
        """Make calls slow, before the method does its work or `after` it."""

        async def sleep(*_: object, **__: object) -> None:
            await anyio.sleep(seconds() if callable(seconds) else seconds)

        return self._plan(method, Fault(sleep, times, when, after=after))

    def before(self, method: str, hook: Hook, *, times: float = ALWAYS, when: Condition = _any_call) -> Fault:
        """Await a hook with the call's arguments before the method does its work."""
        return self._plan(method, Fault(hook, times, when, after=False))

    async def enter(self, method: str, *args: object, **kwargs: object) -> None:
        """Record a call and let happen what is planned before it; delays and hooks first, then one error."""
        self.calls[method].append(args)
        await self._happen(method, args, kwargs, after=False)

    async def leave(self, method: str, *args: object, **kwargs: object) -> None:
        """Let happen what is planned after a call."""
        await self._happen(method, args, kwargs, after=True)

    def _plan(self, method: str, fault: Fault) -> Fault:
        self._planned[method].append(fault)
        return fault

    async def _happen(self, method: str, args: tuple[object, ...], kwargs: dict[str, object], *, after: bool) -> None:
        for fault in tuple(self._planned[method]):
            if fault.after is after and fault.applies(*args, **kwargs):
                await fault.happen(*args, **kwargs)


def _raiser(error: Exception) -> Hook:
    async def fail(*_: object, **__: object) -> None:
        raise error

    return fail


class HasFaults(Protocol):
    """A fake whose faults can be planned."""

    faults: Faults


S = TypeVar("S", bound=HasFaults)


def faulty(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Mark a fake's method: what was planned in its `faults` happens around it."""
    name = method.__name__

    async def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        await self.faults.enter(name, *args, **kwargs)
        result = await method(self, *args, **kwargs)
        await self.faults.leave(name, *args, **kwargs)
        return result

    functools.update_wrapper(call, method)
    return call
