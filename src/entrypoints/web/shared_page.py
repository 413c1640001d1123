"""The page of a link to music: it plays without scripts, and says nothing about who made it."""

from html import escape
from typing import Final

from application.moments.shared_moment import SharedMoment
from domain.jobs.artifacts import MediaType
from entrypoints.web.drawing import to_svg
from entrypoints.web.shared_picture import HEIGHT, WIDTH, picture_of
from entrypoints.web.shared_style import STYLE
from entrypoints.web.texts import texts
from entrypoints.web.words import key_in_words, style_name, title_of

PICTURE_TYPE: Final = "image/png"
TEXTS: Final = texts()

_HEAD: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width,initial-scale=1'><meta name=color-scheme content='light dark'>"
    f"<meta name=robots content=noindex><style>{STYLE}</style>"
)
_BRAND: Final = f"<header><a href=/>{TEXTS['site.name']}</a></header>"
_HUM: Final = f"<p><a class=button href=/>{TEXTS['shared.hum']}</a></p>"
GONE: Final = (
    f"{_HEAD}<title>{TEXTS['shared.gone']}</title>{_BRAND}"
    f"<main class=gone><h1>{TEXTS['shared.gone']}</h1><p>{TEXTS['shared.gone_why']}</p>{_HUM}</main>"
)


def shared_page(moment: SharedMoment, url: str, public_url: str) -> str:
    """Return the page of a moment.

    Args:
        moment: What may be said of it.
        url: Of the page itself.
        public_url: Of the service.
    """
    title = escape(title_of(moment))
    made = TEXTS["shared.made"].format(kind=TEXTS[f"shared.kind.{moment.output_kind}"])
    return (
        f"{_HEAD}<title>{title} – {TEXTS['site.name']}</title>{_tags(moment, url, public_url)}{_BRAND}<main><article>"
        f"<div class=picture>{to_svg(picture_of(moment), TEXTS['shared.picture'])}</div>"
        f"<div class=words><h1>{title}</h1><p class=quiet>{made}</p>{_player(moment)}{_facts(moment)}</div></article>"
        f"{_HUM}</main>"
    )


def _player(moment: SharedMoment) -> str:
    audio = escape(moment.audio_url)
    hint = f"<p class=quiet>{TEXTS['shared.opus']}</p>" if moment.content_type == MediaType.OPUS else ""
    return (
        f'<audio controls preload=none src="{audio}" aria-label="{TEXTS["shared.play"]}">'
        f'<a href="{audio}">{TEXTS["shared.download"]}</a></audio>{hint}'
    )


def _facts(moment: SharedMoment) -> str:
    facts = "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in _known(moment))
    return f'<dl aria-label="{TEXTS["shared.facts"]}">{facts}</dl>'


def _known(moment: SharedMoment) -> list[tuple[str, str]]:
    facts = {
        "style": style_name(moment.style),
        "key": key_in_words(moment.key) if moment.key else "",
        "tempo": TEXTS["shared.bpm"].format(tempo=moment.tempo_bpm) if moment.tempo_bpm else "",
        "length": _length(moment.seconds) if moment.seconds else "",
    }
    return [(TEXTS[f"shared.fact.{name}"], fact) for name, fact in facts.items() if fact]


def _tags(moment: SharedMoment, url: str, public_url: str) -> str:
    """Return the tags of link previews (Open Graph, Twitter)."""
    about, picture = ", ".join(fact for _, fact in _known(moment)), public_url + moment.picture_url
    tags = {
        "og:type": "music.song",
        "og:site_name": TEXTS["site.name"],
        "og:title": title_of(moment),
        "og:description": about,
        "og:url": url,
        "og:audio": public_url + moment.audio_url,
        "og:audio:type": moment.content_type,
        **({"music:duration": str(round(moment.seconds))} if moment.seconds else {}),
        "og:image": picture,
        "og:image:type": PICTURE_TYPE,
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "og:image:alt": TEXTS["shared.picture"],
        "twitter:card": "summary_large_image",
        "twitter:title": title_of(moment),
        "twitter:description": about,
        "twitter:image": picture,
        "twitter:image:alt": TEXTS["shared.picture"],
    }
    return "".join(map(_tag, tags.items()))


def _tag(named: tuple[str, str]) -> str:
    name, content = named
    attribute = "name" if name.startswith("twitter:") else "property"  # as the two specifications have it
    return f'<meta {attribute}="{name}" content="{escape(content)}">'


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
