"""The folder in which a tool server leaves its results, where it neither uploads them nor serves them at a URL."""

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import msgspec

from application.ports.objects import Chunks
from application.ports.tools import ToolFailed


class SharedFile(msgspec.Struct, frozen=True):
    """An open result; `mime_type` is what its content is, whatever the tool calls it."""

    chunks: Chunks
    mime_type: str


class ResultFolder(Protocol):
    """A folder that the tool server may share with us."""

    @property
    def is_configured(self) -> bool:
        """Whether there should be one."""

    async def require(self) -> None:
        """Return when files can be read from it.

        Raises:
            ToolFailed: `result_unreachable`.
        """

    def open(self, path: str) -> AbstractAsyncContextManager[SharedFile]:
        """Open a result by the path that the tool returned; it may be relative to the folder.

        Raises:
            ToolFailed: `result_unreachable`: there is no such file in the folder. `result_invalid`: it is no audio, or
                too large.
        """


class NoFolder:
    """Port `ResultFolder` where no folder is shared."""

    is_configured = False

    async def require(self) -> None:
        """Raise an error."""
        raise ToolFailed("the tool server leaves files, and MCP_OUTPUT_DIR is not set", code="result_unreachable")

    def open(self, path: str) -> AbstractAsyncContextManager[SharedFile]:  # noqa: ARG002 - the port's signature
        """Raise an error."""
        raise ToolFailed("the tool neither uploaded its result nor returned its URL", code="result_unreachable")


NO_FOLDER: Final = NoFolder()
