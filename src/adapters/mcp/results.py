"""Reading what tools answer, tolerantly: servers differ in where they put things."""

from typing import Any, Final

import msgspec

from application.ports.tools import ToolFailed, ToolResult, ToolsUnavailable
from domain.error_codes import foreign
from domain.music.model import Analysis

PERMANENT_RPC_ERRORS: Final = frozenset({-32600, -32601, -32602})
"""JSON-RPC 2.0: invalid request, no such method, invalid params."""

PASSING_RPC_ERRORS: Final = frozenset({-32000, -32800})
"""MCP: the connection was closed, the request was cancelled."""

Structured = dict[str, Any]


def read_result(result: Any) -> Structured:
    """Return the structured content of a `tools/call` result, a failed one's included.

    Raises:
        ToolsUnavailable: It is no such result.
    """
    if not isinstance(result, dict) or result.get("resultType", "complete") != "complete":
        raise ToolsUnavailable("the tool's answer is not a finished result")
    structured = result.get("structuredContent")
    if not isinstance(structured, dict):
        structured = _json_object(_text(result.get("content")))
    if set(structured) == {"result"} and isinstance(structured["result"], dict):
        structured = structured["result"]  # how some SDKs wrap what is not declared an object
    if result.get("isError"):
        return {"message": _text(result.get("content")) or "the tool failed", **structured, "ok": False}
    return structured


def require_ok(structured: Structured) -> Structured:
    """Return a successful result.

    Raises:
        ToolFailed: It says that the tool failed.
    """
    if structured.get("ok", True):
        return structured
    message, code = structured.get("message"), structured.get("code")
    raise ToolFailed(
        message if isinstance(message, str) and message else "the tool failed",
        code=foreign(code) if isinstance(code, str) and code else None,
        permanent=structured.get("permanent") is True,
    )


def rpc_failure(error: Any) -> ToolFailed | ToolsUnavailable:
    """Return what a JSON-RPC error means."""
    code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
    words = f"the tool server says: {message}"
    if code in PASSING_RPC_ERRORS:
        return ToolsUnavailable(words)
    return ToolFailed(words, permanent=code in PERMANENT_RPC_ERRORS)


def problems_of(structured: Structured) -> list[str]:
    """Return the errors of `validate_blueprint`, which is no failure of the tool.

    Raises:
        ToolFailed: The tool failed without any.
    """
    errors = structured.get("errors")
    if isinstance(errors, list) and (errors or structured.get("ok", True)):
        return [str(error) for error in errors]
    require_ok(structured)
    return []


def analysis_of(structured: Structured) -> Analysis:
    """Return the analysis.

    Raises:
        ToolFailed: There is none that can be read.
    """
    try:
        return msgspec.convert(require_ok(structured).get("analysis"), Analysis)
    except msgspec.ValidationError as error:
        raise ToolFailed(f"the analysis cannot be read: {error}") from error


def tool_result_of(structured: Structured) -> ToolResult:
    """Return where the tool put its result.

    Raises:
        ToolFailed: It does not say.
    """
    fields = {
        "mime_type": structured.get("mime_type") or "application/octet-stream",
        "size": structured.get("bytes"),
        "sha256": structured.get("sha256"),
        "uploaded": structured.get("uploaded"),
        "url": structured.get("output_url"),
        "path": structured.get("output_path"),
        "detail": _numbers(structured.get("detail")),
        "extras": structured.get("extras"),
        "chords": _texts(structured.get("chords")),
    }
    try:
        delivery = msgspec.convert({name: value for name, value in fields.items() if value is not None}, ToolResult)
    except msgspec.ValidationError as error:
        raise ToolFailed(f"the tool's result cannot be read: {error}") from error
    if not (delivery.uploaded or delivery.url or delivery.path):
        raise ToolFailed("the tool does not say where its result is")
    return delivery


def _numbers(detail: Any) -> dict[str, float]:
    entries = detail.items() if isinstance(detail, dict) else ()
    return {str(name): float(value) for name, value in entries if isinstance(value, int | float)}


def _texts(entries: Any) -> list[str]:
    return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else []


def _text(content: Any) -> str:
    blocks = content if isinstance(content, list) else []
    texts = [block.get("text") for block in blocks if isinstance(block, dict) and block.get("type") == "text"]
    return "\n".join(text for text in texts if isinstance(text, str))


def _json_object(text: str) -> Structured:
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return document if isinstance(document, dict) else {}
