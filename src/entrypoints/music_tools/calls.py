"""What every tool call has: a context, progress, and one way to be wrong beyond its schema."""

from typing import Any

from mcp.server.mcpserver import Context

from application.ports.transfers import Progress
from domain.errors import MomentError

Call = Context[None, Any]


class InvalidCall(MomentError):
    """Arguments that fit their schema but not each other."""

    code = "invalid_arguments"
    permanent = True


def progress_of(ctx: Call) -> Progress:
    """Return what tells the caller how far the call is, where the caller wants to know."""

    async def report(done: float) -> None:
        await ctx.report_progress(done, 1.0)

    return report
