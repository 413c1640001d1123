"""Delivery of a finished file: to a signed URL, or to the output folder."""

import math
from pathlib import Path

import anyio
import msgspec

from application.ports.mastering import MasterReport
from application.ports.performers import StemReport
from application.ports.tools import ToolResult
from application.ports.transfers import Transfers


async def deliver(transfers: Transfers, file: Path, upload_url: str, mime_type: str) -> ToolResult:
    """Upload the file, or keep it where no URL is given.

    Raises:
        TransferFailed: The upload failed.
    """
    size = (await anyio.Path(file).stat()).st_size
    if not upload_url:
        return ToolResult(mime_type=mime_type, size=size, path=str(await transfers.keep(file)))
    sha256 = await transfers.upload(file, upload_url, mime_type)
    return ToolResult(mime_type=mime_type, size=size, sha256=sha256, uploaded=True)


async def deliver_extra(transfers: Transfers, file: Path, upload_url: str, mime_type: str) -> int:
    """Upload a by-product; return its size in bytes.

    Raises:
        TransferFailed: The upload failed.
    """
    await transfers.upload(file, upload_url, mime_type)
    return (await anyio.Path(file).stat()).st_size


def measured(report: StemReport | MasterReport) -> dict[str, float]:
    """Return the numbers of a report; JSON has no infinity, so the peak of a silent stem is left out."""
    numbers = msgspec.structs.asdict(report).items()
    return {name: float(value) for name, value in numbers if isinstance(value, int | float) and math.isfinite(value)}
