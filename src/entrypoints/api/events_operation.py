"""The parts of the description of an event stream that Litestar cannot derive."""

from dataclasses import dataclass
from typing import Final

from litestar.openapi.spec import Operation

from entrypoints.api.status_operation import header

EXAMPLE: Final = """\
id: 2.0
event: status
data: {"status":"RENDERING","at":"2026-11-22T12:00:01.500000Z","terminal":false,"error":null}

event: progress
data: {"progress":0.375}

"""


@dataclass
class FollowEventsOperation(Operation):
    """Following events: with the request header that the handler reads."""

    def __post_init__(self) -> None:
        known = "The id of the last event that is known: the stream continues after it"
        self.parameters = [*(self.parameters or []), header("Last-Event-ID", known, "2.0")]
