"""The errors of the domain: each has a stable code for programs and one sentence for people."""

from typing import Final

import msgspec

from domain.error_codes import Code


class JobError(msgspec.Struct, frozen=True):
    """Why a job ended in FAILED.

    Attributes:
        code: One of `CODES`, or a foreign tool's own; programs match on it.
        message: One sentence for people.
        permanent: Whether sending the same request again is pointless.
    """

    code: str
    message: str
    permanent: bool = False


class MomentError(Exception):
    """The base class of all errors that this service raises deliberately.

    Attributes:
        code: One of `CODES`; mypy checks it in subclasses and in `raise` statements.
        message: One sentence for people.
        permanent: Whether trying again is pointless.
    """

    code: Code = "internal_error"
    permanent = False

    def __init__(self, message: str, *, code: Code | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the error with its code and its other fields: it crosses process boundaries."""
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(kind: type[MomentError], args: tuple[object, ...], fields: dict[str, object]) -> MomentError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(fields)
    return error


class IllegalTransition(MomentError):
    """The job's state does not allow the event; the job is unchanged."""

    code = "illegal_transition"
    permanent = True

    def __init__(self, status: str, event: str) -> None:
        super().__init__(f"a job that is {status} cannot take the event {event}")


class Problem(msgspec.Struct, frozen=True):
    """An error in a document: where (RFC 6901 JSON pointer) and what."""

    pointer: str
    message: str


MAX_PROBLEMS: Final = 100
"""A document of a quarter of a megabyte can have a hundred thousand errors; nobody reads more than these."""


class ItemisedError(MomentError):
    """An error that points at each problem of a document.

    Attributes:
        problems: In order, up to `MAX_PROBLEMS`.
    """

    def __init__(self, message: str, problems: list[Problem], *, code: Code | None = None) -> None:
        super().__init__(message, code=code)
        self.problems = problems[:MAX_PROBLEMS]


class InvalidBlueprint(ItemisedError):
    """The blueprint does not fit its schema."""

    code = "invalid_blueprint"
    permanent = True

    def __init__(self, problems: list[Problem]) -> None:
        listed = (f"{problem.pointer or '/'}: {problem.message}" for problem in problems[:MAX_PROBLEMS])
        super().__init__("; ".join(listed), problems)


class BadAudio(MomentError):
    """The recording cannot become music: not audio, too short, too long, silent, or without pitch."""

    code: Code = "bad_audio"
    permanent = True
