"""Node types of Dify: their names, older spellings of them, and what is near to an invented one."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

NOTE = "note"
CONTAINERS = ("iteration", "loop")
INNER_STARTS = ("iteration-start", "loop-start")
ROOTS = ("start", "trigger-webhook", "trigger-schedule", "trigger-plugin", "datasource")
REAL = (
    *("start", "end", "answer", "llm", "knowledge-retrieval", "knowledge-index", "if-else"),
    *("question-classifier", "code", "template-transform", "http-request", "tool", "agent"),
    *("parameter-extractor", "variable-aggregator", "assigner", "iteration", "iteration-start"),
    *("loop", "loop-start", "loop-end", "document-extractor", "list-operator", "human-input"),
    *("trigger-webhook", "trigger-schedule", "trigger-plugin", "datasource", NOTE),
)
_OTHER_NAMES = {
    "variable-assigner": "variable-aggregator",
    "custom-note": NOTE,
    "custom-iteration-start": "iteration-start",
    "custom-loop-start": "loop-start",
    "": NOTE,
    "knowledge-retrieval-v2": "knowledge-retrieval",
    "doc-extractor": "document-extractor",
    "list-filter": "list-operator",
    "datasource-empty": NOTE,
    "start-placeholder": NOTE,
}
_SHORT = {
    "template": "template-transform",
    "http": "http-request",
    "knowledge": "knowledge-retrieval",
    "classifier": "question-classifier",
    "aggregator": "variable-aggregator",
    "extractor": "parameter-extractor",
}
"""What some call a type of Dify, with its settings all the same."""
_MEANT = {
    "condition": "if-else",
    "branch": "if-else",
    "switch": "if-else",
    "rule-engine": "if-else",
    "router": "question-classifier",
    "human-review": "human-input",
    "approval": "human-input",
    "ml-model": "llm",
    "model": "llm",
    "logger": "code",
    "script": "code",
    "api": "http-request",
    "webhook": "trigger-webhook",
    "merge": "variable-aggregator",
    "template": "template-transform",
    "output": "end",
    "input": "start",
    "trigger": "start",
}


def type_of(written: str) -> tuple[str, str]:
    """`(type, remark)` of a type as written; the type is empty when Dify has none like it."""
    plain = written.strip().lower()
    if plain in REAL:
        return plain, ""
    if plain in _OTHER_NAMES:
        return _OTHER_NAMES[plain], ""
    dashed = plain.replace("_", "-").replace(" ", "-")
    meant = dashed if dashed in REAL else _OTHER_NAMES.get(dashed) or _SHORT.get(dashed)
    if meant:
        return meant, f"Dify has no type {written!r}: it is read as {meant!r}"
    return "", ""


def nearest(written: str) -> str:
    """The type of Dify that an invented one is most like."""
    plain = written.strip().lower().replace("_", "-")
    if plain in _MEANT:
        return _MEANT[plain]
    close = get_close_matches(plain, REAL, n=1, cutoff=0.0)
    return close[0] if close else "code"


def written_type(node: dict[str, Any], data: dict[str, Any]) -> str:
    """The type of a node as its document says it: in `data`, or as the type of the node itself."""
    inner, outer = data.get("type"), node.get("type")
    is_inner_start = (
        isinstance(outer, str) and outer.startswith("custom-") and outer in _OTHER_NAMES
    )
    if is_inner_start and not (isinstance(inner, str) and type_of(inner)[0] not in ("", NOTE)):
        return str(outer)
    if isinstance(inner, str) and inner and inner != "custom":
        return inner
    if isinstance(outer, str) and outer and outer != "custom":
        return outer
    return "custom" if "custom" in (inner, outer) and data else ""
