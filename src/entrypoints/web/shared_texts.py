"""Every text of the pages of links to music, in English: another language needs another table."""

from typing import Final

TEXTS: Final = {
    "language": "en",
    "site": "Main Character Moment",
    "made": "Somebody hummed this, and it became a {kind}.",
    "preview": "theme",
    "song": "song",
    "picture": "The hummed notes as a piano roll, above the sections of the music",
    "facts": "About the music",
    "style": "Style",
    "key": "Key",
    "tempo": "Tempo",
    "bpm": "{tempo} bpm",
    "length": "Length",
    "play": "Listen",
    "opus": "This music is in Ogg Opus, which Safari plays from version 18.4 on.",
    "download": "Open the file",
    "hum": "Hum your own",
    "gone": "No such music",
    "gone_why": "This link leads nowhere: it was revoked, or the music is gone.",
}
