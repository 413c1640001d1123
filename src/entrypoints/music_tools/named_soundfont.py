"""The SoundFont that `MOMENT_SOUNDFONT` names. None is ever looked for: the sound must not depend on the machine."""

from pathlib import Path

from adapters.audio.sampling.errors import BadSoundFont
from adapters.audio.sampling.soundfont import SoundFont, find_soundfont
from entrypoints.settings import InvalidSettings


def named_soundfont(path: Path | None) -> SoundFont | None:
    """Return the SoundFont in a file, or None where none is named.

    Raises:
        InvalidSettings: The file has none, or one with which the band cannot play.
    """
    try:
        return find_soundfont(path) if path else None
    except BadSoundFont as error:
        raise InvalidSettings(f"MOMENT_SOUNDFONT names {path}, which {error}") from error
