"""Which settings are in force, and where each value comes from."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from adapters.postgres.dsn import Dsn
from entrypoints.setting_sources import Given, Source
from entrypoints.settings import Settings, Spaces, declared

HIDDEN: Final = "***"


class InForce(msgspec.Struct, frozen=True):
    """A setting that is in force; the value is a text, `***` for a secret, empty if it is not set."""

    name: str
    value: str
    source: Source
    meaning: str


def in_force(settings: Settings, given: Mapping[str, Given]) -> Iterator[InForce]:
    """Yield all settings in the order of their declaration; `given` is what they were made of."""
    texts = {name: found.text for name, found in given.items() if name not in settings.links}
    for owner, struct in ((settings, Settings), (settings.spaces, Spaces)):
        for field, setting in declared(struct):
            found = given.get(setting.name_in(texts))
            source = found.source if found else Source.DEFAULT
            value = _shown(getattr(owner, field, None))
            secret = setting.secret and not isinstance(getattr(owner, field, None), Dsn)
            yield InForce(setting.name, HIDDEN if secret and value else value, source, setting.meaning)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Dsn):
        return f"postgresql://{value.place}"
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
