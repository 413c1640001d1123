"""What can go wrong, as people and programs are told it: a stable code and a sentence."""

import msgspec


class JobError(msgspec.Struct, frozen=True):
    """Why a job ended in FAILED.

    Attributes:
        code: Stable, snake_case, documented in docs/errors.md; programs match on it.
        message: One sentence for people.
        permanent: Whether sending the same thing again is pointless.
    """

    code: str
    message: str
    permanent: bool = False


class MomentError(Exception):
    """Base of every error that this service raises on purpose.

    Attributes:
        code: Stable, snake_case.
        message: One sentence for people.
        permanent: Whether trying the same thing again is pointless.
    """

    code = "internal_error"
    permanent = False

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        """Survives the trip between processes with its code and its other fields."""
        return (_rebuild, (type(self), self.args, self.__dict__))

    def as_job_error(self) -> JobError:
        """Return what the status of a job that failed with this error says."""
        return JobError(code=self.code, message=self.message, permanent=self.permanent)


def _rebuild(kind: type[MomentError], args: tuple[object, ...], fields: dict[str, object]) -> MomentError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(fields)
    return error


class IllegalTransition(MomentError):
    """An event that the job's state does not allow; nothing has changed."""

    code = "illegal_transition"
    permanent = True

    def __init__(self, status: str, event: str) -> None:
        super().__init__(f"a job that is {status} cannot take the event {event}")


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong in a document: where (RFC 6901 JSON pointer) and what."""

    pointer: str
    message: str


class InvalidBlueprint(MomentError):
    """A blueprint that breaks its schema; `problems` lists everything that is wrong with it."""

    code = "invalid_blueprint"
    permanent = True

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.pointer or '/'}: {problem.message}" for problem in problems))
        self.problems = problems


class BadAudio(MomentError):
    """A recording that cannot become music: not audio, too short, too long, silent, without pitch."""

    code = "bad_audio"
    permanent = True
