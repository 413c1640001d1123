"""Mixing and mastering of stems."""

from pathlib import Path
from typing import Protocol

import msgspec

from domain.errors import MomentError
from domain.jobs.output_formats import OutputFormat
from domain.music.score import Chord, SectionSpan


class UnknownOutputFormat(MomentError):
    """The output format is not supported."""

    code = "unknown_output_format"
    permanent = True


class StemUnreadable(MomentError):
    """A stem is not an audio file."""

    code = "stem_unreadable"
    permanent = True


class SilentMix(MomentError):
    """The mix is below −60 LUFS and cannot be brought to −14 LUFS."""

    code = "silent_mix"
    permanent = True

    def __init__(self) -> None:
        super().__init__("the stems are silent")


class EncodingFailed(MomentError):
    """The encoder failed, or the file could not be written."""

    code = "encoding_failed"


class MasterReport(msgspec.Struct, frozen=True):
    """Describes a finished file, measured on its decoded samples.

    Attributes:
        lufs: Integrated loudness, ITU-R BS.1770-4.
        true_peak_dbtp: True peak, four times oversampled.
    """

    duration: float
    lufs: float
    true_peak_dbtp: float
    mime_type: str


class SectionMix(msgspec.Struct, frozen=True, kw_only=True):
    """How a section is mixed; it sounds from `start` to `end` seconds.

    Attributes:
        relative_db: Loudness against the fullest section, LU.
        treble_db: What its treble is lifted by.
        side_db: What its sides are lifted by: wide or narrow.
    """

    start: float
    end: float
    relative_db: float = 0.0
    treble_db: float = 0.0
    side_db: float = 0.0


class MixPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a score says of its mix.

    Attributes:
        seconds: Of the piece. Stems of another length are somebody else's, and are mixed without a plan.
        sections: In order; none leaves levels and colours of the stems.
        slope_db: dB per octave by which the spectrum is to fall.
        highest_hz: Above it the style is dark on purpose.
    """

    seconds: float
    sections: tuple[SectionMix, ...]
    slope_db: float
    highest_hz: float


class WaveformPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is wanted of the finished file: its waveform with its form; an SVG, written to `out`.

    Attributes:
        title: What the piece is, in a few words.
        sections: In order; left out like the plan where the stems are somebody else's.
        chords: In order; left out likewise.
    """

    title: str
    sections: tuple[SectionSpan, ...]
    chords: tuple[Chord, ...]
    out: Path


class MasteringDesk(Protocol):
    """Mixes and masters stems, and encodes them as they are."""

    async def master(
        self,
        vocals: Path | None,
        instrumental: Path,
        out: Path,
        output_format: OutputFormat,
        plan: MixPlan | None = None,
        *,
        picture: WaveformPicture | None = None,
    ) -> MasterReport:
        """Mix the stems and write the finished file: stereo, −14 LUFS ± 0.5, ≤ −1 dBTP after decoding.

        Without a plan, levels and spectrum are those of the stems. The picture, if there is one, is drawn of the file.

        Raises:
            UnknownOutputFormat: For any other format.
            StemUnreadable: For a stem that is not an audio file.
            SilentMix: When the mix is silent.
            EncodingFailed: When the file cannot be encoded or written.
        """

    async def encode(self, stem: Path, out: Path, output_format: OutputFormat) -> float:
        """Write a stem in a format, with the same samples; return its seconds.

        Raises:
            UnknownOutputFormat: For any other format than those of `master`.
            StemUnreadable: For a stem that is not an audio file.
            EncodingFailed: When the file cannot be encoded or written.
        """
