"""`code`: a program in the sandbox, called as Dify calls it."""

from __future__ import annotations

import re
from typing import Any

from runfold.graph.kinds.code import source_problem
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native
from runfold.importers.dify.live_keys import SAID, holds_live
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import list_at, object_at, objects_at, selector_at, text_at
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard
from runfold.values.python_modules import sandbox_lacks

_JAVASCRIPT = re.compile(r"\bfunction\s+main\b|=>|\bconst\s|\blet\s|\bvar\s")
_PYTHON = re.compile(
    r"^\s*(?:async\s+)?def\s+main\b|^\s*import\s|^\s*from\s+\w+\s+import", re.MULTILINE
)
_ITEMS = re.compile(r"array\[(\w+)\]")
_DEEPEST = 5
_LANGUAGES = {"python3": "python", "python": "python", "javascript": "javascript"}


def _make(node: SourceNode, flow: Flow) -> Made:
    code = text_at(node.data, "code")
    if not code.strip():
        return absent(flow, node, "code", "it has no program")
    reasons: list[str] = []
    language = _language(node, code, reasons)
    if not language:
        reason = f"no sandbox here runs {text_at(node.data, 'code_language')!r}"
        return absent(flow, node, "code", reason, result="unsupported")
    problem = source_problem(code, language)
    if problem:
        return absent(flow, node, "code", problem, result="unsupported")
    config: dict[str, Any] = {"code": code}
    if language != "python":
        config["language"] = language
    given = {"params": _params(flow, node), "outputs": _outputs(node)}
    config |= {name: value for name, value in given.items() if value}
    if holds_live(code):
        reasons.append(SAID)
    lacks = [one.message for one in sandbox_lacks(code)] if language == "python" else []
    if lacks:
        config["runtime"] = "full"
        reasons.append(f"{lacks[0]}: it asks for `runtime: full`, which the operator turns on")
    made = native(flow, node, "code", config)
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if set(reasons) - {SAID}:
        result.result = "approximated"
    return result


def _params(flow: Flow, node: SourceNode) -> dict[str, Any]:
    """What the program is given, by name."""
    written = objects_at(node.data, "variables") or objects_at(node.data, "inputs")
    return {
        name: exact(flow, selector_at(one, "value_selector"), node)
        for one in written
        if (name := text_at(one, "variable", "name"))
    }


def _language(node: SourceNode, code: str, reasons: list[str]) -> str:
    written = text_at(node.data, "code_language", "language").strip().lower()
    if written:
        return _LANGUAGES.get(written, "")
    found = "python" if _PYTHON.search(code) or not _JAVASCRIPT.search(code) else "javascript"
    reasons.append(f"it does not say its language: it is read as {found}")
    return found


def _outputs(node: SourceNode) -> dict[str, Any]:
    """Declared outputs with their types."""
    found = {name: _schema(one) for name, one in object_at(node.data, "outputs").items()}
    for one in list_at(node.data, "outputs"):
        if text_at(one, "variable", "name"):
            found[text_at(one, "variable", "name")] = _schema(one)
    return found


def _schema(declared: Any, depth: int = 0) -> Any:
    """The type of an output: its name, or with what is inside."""
    written = text_at(declared, "type") if isinstance(declared, dict) else str(declared)
    plain = written.strip().lower()
    children = object_at(declared, "children") if depth < _DEEPEST else {}
    inner = {name: _schema(one, depth + 1) for name, one in children.items()}
    of_object = {"type": "object", "properties": inner} if inner else "object"
    if plain == "object":
        return of_object
    items = _ITEMS.fullmatch(plain)
    if items is None:
        return native_type(plain)
    name = items[1]
    return {"type": "array", "items": of_object if name == "object" else native_type(name)}


def native_type(written: str) -> str:
    """A type of Dify as one here."""
    plain = written.strip().lower()
    if plain.startswith("array"):
        return "array"
    known = {"string", "number", "integer", "boolean", "object"}
    return plain if plain in known else {"bool": "boolean", "float": "number"}.get(plain, "any")


KIND = NodeKind(make=_make)
