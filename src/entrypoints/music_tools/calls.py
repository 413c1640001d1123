"""What every tool call shares: its context, progress, and errors that a schema cannot express."""

from typing import Any

from mcp.server.mcpserver import Context

from application.ports.transfers import Progress
from domain.errors import MomentError

Call = Context[None, Any]


class InvalidCall(MomentError):
    """Arguments that are valid by themselves but not together."""

    code = "invalid_arguments"
    permanent = True


def progress_of(ctx: Call) -> Progress:
    """Return a function that reports progress, 0..1, to callers that asked for it."""

    async def report(done: float) -> None:
        await ctx.report_progress(done, 1.0)

    return report
