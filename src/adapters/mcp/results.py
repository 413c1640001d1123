"""Reading the results of tools, tolerantly: servers differ in where they put things."""

import re
from contextlib import suppress
from typing import Any, Final

import msgspec

from adapters.mcp.busy import delay_of
from adapters.mcp.provider_status import provider_failure, status_of
from application.ports.tools import HeardHum, ToolFailed, ToolResult, ToolsBusy, ToolsUnavailable
from domain.blueprints.fields import SHA256_PATTERN
from domain.error_codes import CODES, Code, foreign
from domain.music.hum import Analysis
from domain.music.score import FormSection, PlayedChord
from domain.warnings import RequestWarning

RPC_ERRORS: Final[dict[int, Code]] = {-32601: "tool_not_offered", -32602: "invalid_arguments"}
"""JSON-RPC 2.0: no such method, invalid params. They say that our parts do not fit together."""

TRANSIENT_RPC_ERRORS: Final = frozenset({-32000, -32800})
"""MCP: the connection was closed, the request was cancelled."""

FAILURE: Final = 400
"""The lowest HTTP status of a failure."""

MAX_WARNINGS: Final = 16

Structured = dict[str, Any]


def read_result(result: Any) -> Structured:
    """Return the structured content of a `tools/call` result, also if the tool failed.

    Raises:
        ToolsUnavailable: It is no result of a finished call.
    """
    if not isinstance(result, dict) or result.get("resultType", "complete") != "complete":
        raise ToolsUnavailable("the tool server returned no finished result")
    structured = result.get("structuredContent")
    if not isinstance(structured, dict):
        structured = _json_object(_text(result.get("content")))
    if set(structured) == {"result"} and isinstance(structured["result"], dict):
        structured = structured["result"]  # some SDKs wrap results whose schema is not an object
    if result.get("isError"):
        return {"message": _text(result.get("content")) or "the tool failed", **structured, "ok": False}
    return structured


def require_ok(structured: Structured) -> Structured:
    """Return a successful result.

    Raises:
        ToolFailed: The tool failed.
        ToolsBusy: The server did not accept the call.
    """
    if structured.get("ok", status_of(structured) < FAILURE):
        return structured
    stated, code = structured.get("message"), structured.get("code")
    message = stated if isinstance(stated, str) and stated else "the tool failed"
    if code == ToolsBusy.code:
        raise ToolsBusy(message, retry_after=delay_of(structured.get("retry_after")))
    if code not in CODES and (failure := provider_failure(structured, message)):
        raise failure
    raise ToolFailed(
        message,
        code=foreign(code) if isinstance(code, str) and code else None,
        permanent=structured.get("permanent") is True,
    )


def rpc_failure(error: Any) -> ToolFailed | ToolsUnavailable:
    """Return what a JSON-RPC error means."""
    code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
    text = f"the tool server returned an error: {message}"
    if code in TRANSIENT_RPC_ERRORS:
        return ToolsUnavailable(text)
    return ToolFailed(text, code=RPC_ERRORS.get(code) if isinstance(code, int) else None)


def problems_of(structured: Structured) -> list[str]:
    """Return the errors that `validate_blueprint` found; to find some is no failure of the tool.

    Raises:
        ToolFailed: The tool failed without naming an error of the blueprint.
    """
    errors = structured.get("errors")
    if isinstance(errors, list) and (errors or structured.get("ok", True)):
        return [str(error) for error in errors]
    require_ok(structured)
    return []


def heard_hum_of(structured: Structured) -> HeardHum:
    """Return the analysis, and the server's SoundFont if it names one.

    Raises:
        ToolFailed: The tool failed, or the analysis is malformed.
    """
    try:
        analysis = msgspec.convert(require_ok(structured).get("analysis"), Analysis)
    except msgspec.ValidationError as error:
        raise ToolFailed(f"the tool returned a malformed analysis: {error}") from error
    named = structured.get("soundfont")
    return HeardHum(analysis, named if isinstance(named, str) and re.fullmatch(SHA256_PATTERN, named) else "")


def tool_result_of(structured: Structured) -> ToolResult:
    """Return where the tool put its result.

    Raises:
        ToolFailed: The tool failed, or its result is malformed.
    """
    require_ok(structured)
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
        "warnings": _warnings(structured.get("warnings")),
        "form": _all_or_none(structured.get("form"), FormSection),
        "harmony": _all_or_none(structured.get("harmony"), PlayedChord),
    }
    try:
        result = msgspec.convert({name: value for name, value in fields.items() if value is not None}, ToolResult)
    except msgspec.ValidationError as error:
        raise ToolFailed(f"the tool returned a malformed result: {error}") from error
    if not (result.uploaded or result.url or result.path):
        raise ToolFailed("the tool did not return where its result is")
    return result


def _numbers(detail: Any) -> dict[str, float]:
    entries = detail.items() if isinstance(detail, dict) else ()
    return {str(name): float(value) for name, value in entries if isinstance(value, int | float)}


def _texts(entries: Any) -> list[str]:
    return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else []


def _warnings(entries: Any) -> list[RequestWarning]:
    """Return the warnings that are ours: a foreign server may have others."""
    found = []
    for entry in entries if isinstance(entries, list) else ():
        with suppress(msgspec.ValidationError):
            found.append(msgspec.convert(entry, RequestWarning))
    return found[:MAX_WARNINGS]


def _all_or_none(entries: Any, kind: type[FormSection | PlayedChord]) -> tuple[FormSection | PlayedChord, ...]:
    """Return sections or chords; none if one of them is not as ours are, since the others would be another piece."""
    try:
        return tuple(msgspec.convert(entry, kind) for entry in msgspec.convert(entries, list[Any]))
    except msgspec.ValidationError:
        return ()


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
