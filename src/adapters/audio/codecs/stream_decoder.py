"""Decodes the first audio stream of a container into mono blocks, in time with its timestamps."""

from collections.abc import Iterator
from typing import Any, Final

import av
import av.error
import numpy as np
import numpy.typing as npt

from adapters.audio.arrays import Mono
from adapters.audio.codecs.channels import downmix, planar, require_supported, sample_format
from adapters.audio.codecs.limits import CpuBudget
from adapters.audio.codecs.timeline import Timeline
from domain.errors import BadAudio

NOT_AUDIO: Final = "unsupported audio format, or not an audio file"

MAX_FRUITLESS: Final = 500
"""Packets without sound after which it is decided whether this is audio at all: the time for garbage has a bound."""

MAX_REPAIRED: Final = 0.01
"""Share of samples that may be no numbers; more of them are no recording."""


class StreamDecoder:
    """Decodes one stream, and counts what is wrong with it instead of raising.

    Args:
        container: As PyAV opened it.
        budget: Checked with every packet.
        max_seconds: No more than this is decoded, and a second more of silence filled in.

    Attributes:
        rate: Samples per second of the blocks; 0 before the first.
        count: Samples so far.
        filled: How many of them are silence where the timestamps leave a gap.
        packets: Packets so far.
        bad_packets: How many of them could not be decoded.
        first_stamp: Seconds at which the sound begins by its timestamps, 0 at least.
        broke_off: The last packet was incomplete, or could not be decoded.
        failed: The container could not be read to its end.
    """

    def __init__(self, container: Any, budget: CpuBudget, max_seconds: float) -> None:
        self._container = container
        self._stream = container.streams.audio[0]
        self._budget = budget
        self._max_seconds = max_seconds
        self._timeline = Timeline()
        self._setup: tuple[object, ...] | None = None
        self._converter: Any = None
        self._not_finite = 0
        self.rate = 0
        self.count = 0
        self.filled = 0
        self.packets = 0
        self.bad_packets = 0
        self.first_stamp = 0.0
        self.broke_off = False
        self.failed = False

    def blocks(self) -> Iterator[Mono]:
        """Yield mono blocks at the rate of the first frame.

        Raises:
            BadAudio: `audio_unsupported`, `decoding_limit`, `hum_too_long`, or `audio_damaged`: too much is no number.
            MemoryError: A limit of the operating system is reached.
        """
        fruitless = 0
        for packet in self._packets():
            before = self.count
            for frame in self._frames(packet):
                yield from self._convert(frame)
            fruitless += self.count == before
            if fruitless > MAX_FRUITLESS and fruitless > self.packets / 2:
                break
        if self._not_finite > MAX_REPAIRED * self.count:
            raise BadAudio("the samples of the recording are no numbers", code="audio_damaged")

    def _packets(self) -> Iterator[Any]:
        while True:
            try:
                yield from self._demuxed()
            except MemoryError:
                raise
            except av.error.FFmpegError:
                self.failed = True
            except IndexError:  # PyAV does not know streams that begin later; what comes after them can be read
                self._budget.check()
                continue
            return

    def _demuxed(self) -> Iterator[Any]:
        for packet in self._container.demux(self._stream):
            self._budget.check()
            if packet.size:
                self.packets += 1
                self.broke_off = packet.is_corrupt
            yield packet

    def _frames(self, packet: Any) -> list[Any]:
        try:
            return list(packet.decode())
        except MemoryError:
            raise
        except av.error.FFmpegError:
            self.bad_packets += 1
            self.broke_off = True  # if it was the last one
            return []

    def _convert(self, frame: Any) -> Iterator[Mono]:
        converter = self._converter_for(frame)
        stamp = None if frame.pts is None else float(frame.pts * frame.time_base)
        if not self.count:
            self.first_stamp = max(0.0, stamp or 0.0)
        if gap := self._timeline.gap(stamp, self.count / self.rate):
            yield from self._silence(gap)
        for converted in converter.resample(frame):
            block = self._mono(planar(converted.to_ndarray(), converted.layout.nb_channels))
            self._count(len(block))
            yield block

    def _converter_for(self, frame: Any) -> Any:
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if setup != self._setup:
            require_supported(frame.layout.nb_channels, frame.sample_rate)
            self.rate = self.rate or frame.sample_rate
            self._setup = setup
            self._converter = av.AudioResampler(sample_format(frame.layout.nb_channels), frame.layout, self.rate)
        return self._converter

    def _silence(self, seconds: float) -> Iterator[Mono]:
        size = round(min(seconds, self._max_seconds + 1.0) * self.rate)
        self._count(size)
        self.filled += size
        yield np.zeros(size, dtype=np.float32)

    def _count(self, samples: int) -> None:
        self.count += samples
        if self.count > self._max_seconds * self.rate:
            raise BadAudio(f"the recording is longer than {self._max_seconds:.0f} seconds", code="hum_too_long")

    def _mono(self, channels: npt.NDArray[np.float32]) -> Mono:
        finite = np.isfinite(channels)
        if not finite.all():
            self._not_finite += int(np.count_nonzero(~finite.all(axis=0)))
            channels = np.where(finite, channels, np.float32(0.0))
        return downmix(np.clip(channels, -8.0, 8.0))
