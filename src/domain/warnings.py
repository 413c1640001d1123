"""Warnings: what was accepted and will not do what its sender may expect."""

from enum import StrEnum

import msgspec


class WarningCode(StrEnum):
    """What a warning is about; programs match on it.

    Attributes:
        UNKNOWN_FIELD: A form field that we do not know; it was ignored.
        UNKNOWN_STYLE: No word of the style is known; the moment is made in the default style.
        UNKNOWN_WORDS: Some words of the style mean nothing here; the others were understood.
        UNKNOWN_CHORDS: Some of the chords are no symbols that are known; all of them are left to the composer.
        WEBHOOK_MISSING: What a webhook is to tell is said, and there is no webhook.
        LYRICS_NOT_SUNG: The lyrics were to be sung and are hummed: there is no speech engine, or there are no words.
        OTHER_FORMAT: The tools made the music in another format than the one that was asked for.
        RECORDING_DAMAGED: A part of the recording is empty, or its end is missing; the rest was heard.
    """

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_STYLE = "unknown_style"
    UNKNOWN_WORDS = "unknown_words"
    UNKNOWN_CHORDS = "unknown_chords"
    WEBHOOK_MISSING = "webhook_missing"
    LYRICS_NOT_SUNG = "lyrics_not_sung"
    OTHER_FORMAT = "other_format"
    RECORDING_DAMAGED = "recording_damaged"


class RequestWarning(msgspec.Struct, frozen=True):
    """Something in a request that was accepted and had no effect, or another one than its sender may expect.

    Attributes:
        code: What it is about.
        pointer: Of the form's field, or of what is inside its blueprint (RFC 6901): `/style`.
        message: One sentence for people.
    """

    code: WarningCode
    pointer: str
    message: str
