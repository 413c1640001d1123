"""The use cases behind the tools."""

from typing import Final

import msgspec

from application.studio.analyze_hum import AnalyzeHum
from application.studio.create_moment import CreateMoment
from application.studio.finish import Finish
from application.studio.render_instrumental import RenderInstrumental
from application.studio.render_vocals import RenderVocals

DEFAULT_VOICE: Final = "hummer"


class Studio(msgspec.Struct, frozen=True, kw_only=True):
    """The use cases behind the tools.

    Attributes:
        create_moment: Absent where no API is known: then the tool is not offered.
        local_files: Whether agents share our file system (`audio_path`).
    """

    analyze_hum: AnalyzeHum
    render_vocals: RenderVocals
    render_instrumental: RenderInstrumental
    finish: Finish
    create_moment: CreateMoment | None = None
    default_voice: str = DEFAULT_VOICE
    local_files: bool = False
