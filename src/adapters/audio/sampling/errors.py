"""What can be wrong with a SoundFont."""


class BadSoundFont(Exception):
    """The file is no SoundFont, or a broken one; the message is one sentence for people."""
