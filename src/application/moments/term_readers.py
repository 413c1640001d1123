"""How the fields are read that say when a job is made, and how long it is kept."""

from datetime import timedelta
from typing import Any, Final

from application.moments.field_readers import Setting, invalid
from domain.blueprints.normalisation import chosen_word
from domain.jobs.durations import DAY, HOUR, seconds_in
from domain.jobs.priorities import Priority

LONGEST_DEADLINE: Final = 7 * DAY
SHORTEST_RETENTION: Final = HOUR
LONGEST_RETENTION: Final = 30 * DAY
NONE: Final = "none"
_DIGITS: Final = 10


def read_deadline(text: str, setting: Setting) -> dict[str, Any]:
    """Return when the job ends without music, unless it is done."""
    if not (text := text.strip()):
        return {}
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0
    if not 1 <= seconds <= LONGEST_DEADLINE:
        raise invalid("deadline_seconds", f"must be a whole number of seconds from 1 to {LONGEST_DEADLINE}")
    return {"deadline": setting.now + timedelta(seconds=seconds)}


def read_retention(text: str, _: Setting) -> dict[str, Any]:
    """Return for how many seconds the moment is kept; 0 for as long as it takes to fetch it."""
    if not (wanted := text.strip().upper()):
        return {}
    seconds = 0 if wanted == NONE.upper() else seconds_in(wanted)
    if seconds is None or not (seconds == 0 or SHORTEST_RETENTION <= seconds <= LONGEST_RETENTION):
        raise invalid("retention", "must be a duration of ISO 8601 from PT1H to P30D, or `none`")
    return {"kept_seconds": seconds}


def read_priority(text: str, setting: Setting) -> dict[str, Any]:
    """Return whether the job is urgent, which not everybody's may be."""
    try:
        priority = Priority(chosen_word(text) or Priority.NORMAL)
    except ValueError:
        raise invalid("priority", f"must be {' or '.join(Priority)}, not {text[:40]!r}") from None
    if priority is Priority.HIGH and not setting.caller.may_hurry:
        raise invalid("priority", "may not be high for this caller: it takes a key that may", "priority_not_allowed")
    return {"urgent": priority is Priority.HIGH}
