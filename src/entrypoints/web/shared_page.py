"""The page of a link to music: it plays without scripts, and says nothing about who made it."""

from html import escape
from typing import Final

from application.moments.share_moment import SharedMoment

_STYLE: Final = """
:root{color-scheme:light dark;background:Canvas;color:CanvasText}
body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem;text-align:center}
audio{width:100%}small{opacity:.85}a{color:inherit;display:inline-block;padding:.8rem 0}
"""
_HEAD: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    f"<meta name=robots content=noindex><style>{_STYLE}</style>"
)
SITE: Final = "Main Character Moment"
GONE: Final = (
    f"{_HEAD}<title>No such music</title><main><h1>No such music</h1>"
    "<p>This link leads nowhere: it was revoked, or the music is gone.</p></main>"
)


def shared_page(moment: SharedMoment, url: str, public_url: str) -> str:
    """Return the page of a moment.

    Args:
        moment: What may be said of it.
        url: Of the page itself.
        public_url: Of the service.
    """
    title, facts = escape(moment.title), escape(_facts(moment))
    tags = {
        "og:type": "music.song",
        "og:site_name": SITE,
        "og:title": moment.title,
        "og:description": _facts(moment),
        "og:url": url,
        "og:audio": public_url + moment.audio_url,
        "og:audio:type": moment.content_type,
        **({"music:duration": str(round(moment.seconds))} if moment.seconds else {}),
        "twitter:card": "summary",
        "twitter:title": moment.title,
        "twitter:description": _facts(moment),
    }
    return (
        f"{_HEAD}<title>{title}</title>{''.join(map(_tag, tags.items()))}"
        f"<main><h1>{title}</h1><p>{facts}</p>"
        f'<p><audio controls preload=none src="{escape(moment.audio_url)}"></audio></p>'
        f"<p><small>Somebody hummed this. <a href=/>{SITE}</a></small></p></main>"
    )


def _tag(named: tuple[str, str]) -> str:
    name, content = named
    attribute = "name" if name.startswith("twitter:") else "property"  # as the two specifications have it
    return f'<meta {attribute}="{name}" content="{escape(content)}">'


def _facts(moment: SharedMoment) -> str:
    facts = [moment.style, str(moment.output_kind)]
    facts += [f"in {moment.key}"] if moment.key else []
    facts += [f"{moment.tempo_bpm} bpm"] if moment.tempo_bpm else []
    facts += [_length(moment.seconds)] if moment.seconds else []
    return ", ".join(facts)


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
