"""Make what is made on demand: a format of a moment's file, or the sample of a style."""

from application.ports.conversions import NO_JOB, Conversion
from application.worker.convert_music import ConvertMusic
from application.worker.make_sample import MakeSample


class MakeOrdered:
    """Leaves what belongs to a job to one use case, and samples to the other."""

    def __init__(self, convert: ConvertMusic, sample: MakeSample) -> None:
        self._convert = convert
        self._sample = sample

    async def __call__(self, conversion: Conversion) -> None:
        """Make what is asked for. Raises what the use cases raise."""
        await (self._sample if conversion.job_id == NO_JOB else self._convert)(conversion)

    async def discard(self, conversion: Conversion) -> None:
        """Remove what was made of something that nobody wants any more, or that another worker makes.

        A sample stays: whoever made it, it is the same.

        Raises:
            StorageUnavailable, StorageDenied: The sweep will find it.
        """
        if conversion.job_id != NO_JOB:
            await self._convert.discard(conversion)
