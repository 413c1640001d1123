"""The API's documentation as one page of HTML without external resources."""

from html import escape
from typing import Any, Final

import msgspec

_STYLE: Final = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
summary{cursor:pointer;padding:.4rem 0}pre{overflow-x:auto;padding:.75rem;border:1px solid #8884;border-radius:.4rem}
code{font-family:ui-monospace,monospace;font-size:.9em}b.m{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse}td{padding:.2rem .8rem .2rem 0;vertical-align:top}
"""


def docs_page(document: dict[str, Any], url: str) -> str:
    """Return an OpenAPI document as a page of HTML, with an example for the service at this URL."""
    info = document["info"]
    operations = [
        _operation(method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    ]
    schemas = document.get("components", {}).get("schemas", {})
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style>"
        f"<h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>"
        f"<p><a href=/>Hum something</a> · <a href=/openapi.json>openapi.json</a> · "
        f"<a href=/v1/blueprints/schema>blueprint schema</a> · <a href=/v1/styles>styles</a></p>"
        f"<pre>curl -F file=@hum.wav {escape(url)}/v1/create-moment</pre>"
        f"{''.join(operations)}<h2>Schemas</h2>"
        f"{''.join(_details(f'<code>{escape(name)}</code>', _json(schema)) for name, schema in schemas.items())}"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    title = f"<b class=m>{method.upper()}</b> <code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
    answers = "".join(
        f"<tr><td><b>{escape(status)}</b><td>{escape(response.get('description', ''))}"
        for status, response in operation.get("responses", {}).items()
    )
    takes = {name: operation[name] for name in ("parameters", "requestBody") if operation.get(name)}
    body = f"<p>{escape(operation.get('description', ''))}</p>{_json(takes) if takes else ''}<table>{answers}</table>"
    return _details(title, body)


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>{body}</details>"


def _json(value: object) -> str:
    return f"<pre>{escape(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())}</pre>"
