"""What of a request is accepted and has no effect, or another one than its sender may expect."""

from collections.abc import Mapping
from typing import Final

from domain.blueprints.blueprint import FIELDS, PartialBlueprint
from domain.blueprints.problems import escaped
from domain.music.styles.registry import DEFAULT_STYLE, STYLES, meaning_of
from domain.music.theory.chord_symbols import parse_chord
from domain.warnings import RequestWarning, WarningCode

_OF_WEBHOOK: Final = ("webhook_events", "webhook_payload")
_WORDS_SHOWN: Final = 8
_LONGEST_WORD: Final = 30
"""How many words that mean nothing a warning shows, and how many letters of each."""


def warnings_about(
    blueprint: PartialBlueprint, texts: Mapping[str, str], ignored: tuple[str, ...] = ()
) -> tuple[RequestWarning, ...]:
    """Return the warnings about a request with this blueprint, these texts of fields, and fields that nobody reads."""
    return (
        *map(_ignored_field, ignored),
        *_style_warnings(blueprint),
        *_chord_warnings(blueprint),
        *_webhook_warnings(texts),
    )


def _ignored_field(field: str) -> RequestWarning:
    hint = f"; put it into blueprint_json: {{{field!r}: …}}".replace("'", '"') if field in FIELDS else ""
    message = f"is not a known field; it was ignored{hint}"
    return RequestWarning(WarningCode.UNKNOWN_FIELD, f"/{escaped(field)}", message)


def _style_warnings(blueprint: PartialBlueprint) -> tuple[RequestWarning, ...]:
    meaning = meaning_of(blueprint.get("style", DEFAULT_STYLE))
    if not (meaning.style or meaning.moods):
        message = f"no style is known by these words; this will be {DEFAULT_STYLE} ({', '.join(STYLES)})"
        return (RequestWarning(WarningCode.UNKNOWN_STYLE, "/style", message),)
    if not meaning.unknown:
        return ()
    words = ", ".join(word[:_LONGEST_WORD] for word in meaning.unknown[:_WORDS_SHOWN])
    message = f"these words are not known: {words}"
    return (RequestWarning(WarningCode.UNKNOWN_WORDS, "/style", message),)


def _chord_warnings(blueprint: PartialBlueprint) -> tuple[RequestWarning, ...]:
    symbols = blueprint.get("metadata", {}).get("chords", [])
    unknown = [str(symbol) for symbol in symbols if parse_chord(str(symbol)) is None]
    if not unknown:
        return ()
    message = f"these are no chord symbols: {', '.join(unknown[:_WORDS_SHOWN])}; the composer chooses all chords"
    return (RequestWarning(WarningCode.UNKNOWN_CHORDS, "/metadata/chords", message),)


def _webhook_warnings(texts: Mapping[str, str]) -> tuple[RequestWarning, ...]:
    """Return what is said of a webhook that is not there; what an owner's endpoints are told, they say themselves."""
    if texts.get("webhook", "").strip():
        return ()
    given = [name for name in _OF_WEBHOOK if texts.get(name, "").strip()]
    message = "has no effect without webhook, the URL that is to be told"
    return tuple(RequestWarning(WarningCode.WEBHOOK_MISSING, f"/{name}", message) for name in given)
