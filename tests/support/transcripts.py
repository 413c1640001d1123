"""Transcripts of a page: the commands of its `console` blocks, and what each is answered.

A command begins with `$ ` and goes on after a backslash; what follows, up to the next command, is its answer, which may
begin with a status line and headers (`curl -i`). What differs from run to run (ids, times, numbers, tokens, signatures)
need only have the same form. `…` stands for whatever comes there: further members of an object, further elements, the
rest of a text, lines.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec

BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD: Final = re.compile(r"HTTP/[\d.]+ (\d+)[^\n]*(?:\n|\Z)(.*?)(?:\n\n|\Z)", re.DOTALL)
SIGNED: Final = re.compile(r"https?://\S+\?\S+")
ELLIPSIS: Final = "…"


class Answer(msgspec.Struct, frozen=True):
    """What a server sent, or is to send; `status` is 0 and `headers` are empty where a page shows the body alone."""

    status: int
    headers: dict[str, str]
    body: str


class Exchange(msgspec.Struct, frozen=True):
    """A command and its answer; `line` is the command's, for messages."""

    line: int
    command: str
    answer: Answer


def exchanges_of(page: str) -> list[Exchange]:
    """Return the exchanges of a page, in order."""
    return [exchange for block in BLOCK.finditer(page) for exchange in _exchanges(page, block)]


def answer_of(text: str) -> Answer:
    """Return an answer as `curl` prints it, with or without its head."""
    text = text.replace("\r\n", "\n")
    if not (head := HEAD.match(text)):
        return Answer(0, {}, text.strip("\n"))
    lines = [line.partition(":") for line in head[2].splitlines()]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines if name}
    return Answer(int(head[1]), headers, text[head.end() :].strip("\n"))


def _exchanges(page: str, block: re.Match[str]) -> Iterator[Exchange]:
    first = page.count("\n", 0, block.start(1)) + 1
    lines = block[1].splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        last = start
        while lines[last].endswith("\\"):
            last += 1
        command = "\n".join(lines[start : last + 1]).removeprefix("$ ")
        yield Exchange(first + start, command, answer_of("\n".join(lines[last + 1 : end])))


class Names(dict[str, str]):
    """What a page calls the ids, tokens and signed URLs of this run."""

    def put_into(self, command: str) -> str:
        """Return a command with the values of this run in place of the page's."""
        found = sorted((name for name in self if name in command), key=len, reverse=True)
        return re.sub("|".join(map(re.escape, found)), lambda match: self[match[0]], command) if found else command


class Comparison:
    """Compares an answer with the one of the page, and learns the names of what it finds.

    Args:
        shown: The answer of the page.
        given: The answer of the service.
        known: The names from the commands before.
        sent: Whether a request was answered, which must not have failed unless the page shows how.

    Attributes:
        differences: What is not as it is shown.
        names: What the page calls what.
    """

    def __init__(self, shown: Answer, given: Answer, known: Names, *, sent: bool = False) -> None:
        self.differences: list[str] = []
        self.names = Names(known)
        refused = not shown.status and not HTTPStatus.OK <= given.status < HTTPStatus.BAD_REQUEST
        if shown.status not in {0, given.status} or (sent and refused):
            self.differences.append(f"the status is {given.status}, not {shown.status or '2XX or 3XX'}")
        for name, value in shown.headers.items():
            if name not in given.headers:
                self.differences.append(f"the header {name} is missing")
            else:
                self._text(name, value, given.headers[name])
        if "etag" in shown.headers and "etag" in given.headers:
            self.names[shown.headers["etag"]] = given.headers["etag"]
        self._body(shown.body, given.body)

    def _body(self, shown: str, given: str) -> None:
        try:
            document, found = msgspec.json.decode(_quoted_ellipses(shown)), msgspec.json.decode(given)
        except msgspec.DecodeError:
            self._text("the body", shown, given)
        else:
            self._value("", document, found)

    def _value(self, path: str, shown: Any, given: Any) -> None:
        match shown, given:
            case "…", _:
                return
            case dict(), dict():
                self._object(path, shown, given)
            case list(), list():
                self._list(path, shown, given)
            case str(), str():
                self._text(path, shown, given)
            case (bool(), _) | (_, bool()) if shown is not given:
                self._differ(path, shown, given)
            case ((int() | float()), (int() | float())):
                return
            case _ if shown != given:
                self._differ(path, shown, given)

    def _object(self, path: str, shown: dict[str, Any], given: dict[str, Any]) -> None:
        more = shown.keys() - given.keys() - {ELLIPSIS}
        left_out = set() if ELLIPSIS in shown else given.keys() - shown.keys()
        self.differences += [f"{path}/{name} is missing" for name in sorted(more)]
        self.differences += [f"{path}/{name} is not shown" for name in sorted(left_out)]
        for name in shown.keys() & given.keys():
            self._value(f"{path}/{name}", shown[name], given[name])

    def _list(self, path: str, shown: list[Any], given: list[Any]) -> None:
        whole = ELLIPSIS not in shown
        first = shown if whole else shown[: shown.index(ELLIPSIS)]
        if len(given) < len(first) or (whole and len(given) > len(first)):
            self._differ(path, shown, given)
        for number, (one, other) in enumerate(zip(first, given, strict=False)):
            self._value(f"{path}/{number}", one, other)

    def _text(self, path: str, shown: str, given: str) -> None:
        if SIGNED.fullmatch(shown) and SIGNED.fullmatch(given):
            self.names[shown] = given
            shown, given = shown.partition("?")[0], given.partition("?")[0]
        form = ".*".join(re.escape(_form(part)) for part in shown.split(ELLIPSIS))
        if re.fullmatch(form, _form(given), re.DOTALL) is None:
            self._differ(path, shown, given)
        elif ELLIPSIS not in shown:
            self._learn(path, shown, given)

    def _learn(self, path: str, shown: str, given: str) -> None:
        for one, other in zip(VARIABLE.finditer(shown), VARIABLE.finditer(given), strict=True):
            if one.lastgroup == "id" and self.names.get(one[0], other[0]) != other[0]:
                self._differ(path, f"{one[0]}, which is {self.names[one[0]]} here", other[0])
            if one.lastgroup in {"id", "token"}:
                self.names[one[0]] = other[0]

    def _differ(self, path: str, shown: Any, given: Any) -> None:
        self.differences.append(f"{path or 'the body'}: shown {shown!r}, given {given!r}")


VARIABLE: Final = re.compile(
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?P<date>[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)"
    r"|(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00))"
    r"|(?P<token>(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{12,})"
    r"|(?P<number>\d+(?:\.\d+)?)"
)


def _form(text: str) -> str:
    """Return a text with the names of the kinds of what varies in it."""
    return VARIABLE.sub(lambda match: f"<{match.lastgroup}>", text)


def _quoted_ellipses(document: str) -> str:
    """Return a JSON document whose ellipses are values, or members of the object that they are in."""
    around: list[str] = []
    before = ""

    def quote(match: re.Match[str]) -> str:
        nonlocal before
        token, is_value = match[0], before == ":"
        before = token
        if token in "{[":
            around.append(token)
        elif token in "}]" and around:
            around.pop()
        if token != ELLIPSIS:
            return token
        return '"…": 0' if around and around[-1] == "{" and not is_value else '"…"'

    return re.sub(r'"(?:\\.|[^"\\])*"|[][{}:,…]', quote, document)
