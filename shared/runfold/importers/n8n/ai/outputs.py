"""Output parsers: the JSON Schema that an answer has to fit."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.kinds.response_format import format_problem
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_object, as_text, unrendered
from runfold.importers.n8n.room import Room

PARSER = "ai_outputParser"
_LIST = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"type": "string"}}},
    "required": ["items"],
}
_DEEPEST = 20


def parsed(node: Node, room: Room) -> dict[str, Any] | None:
    """The schema of a node's answer; None without a parser."""
    if node.parameters.get("hasOutputParser") is False:
        return None
    parts = room.wiring.parts_of(node.name, PARSER)
    if not parts:
        return None
    return _of(parts[0], node, room)


def _of(part: Node, node: Node, room: Room) -> dict[str, Any]:
    if part.kind == "outputParserAutofixing":
        inner = room.wiring.parts_of(part.name, PARSER)
        said = "answers that do not fit are asked for again by the native node itself"
        room.lines.setdefault(part.name, ("mapped", said))
        for model in room.wiring.parts_of(part.name, "ai_languageModel"):
            room.lines.setdefault(model.name, ("mapped", f"not needed: {said}"))
        return _of(inner[0], node, room) if inner else {"type": "object"}
    if part.kind == "outputParserItemList":
        said = f"{node.title} answers with a list of texts, under `items`"
        room.lines.setdefault(part.name, ("approximated", said))
        return _LIST
    schema, problem = schema_of(part.parameters)
    if problem:
        said = f"its schema cannot be used, so that any object is taken: {problem}"
        room.lines.setdefault(part.name, ("approximated", said))
    else:
        said = f"the JSON Schema of what {node.title} answers"
        room.lines.setdefault(part.name, ("mapped", said))
    return schema


def schema_of(parameters: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The JSON Schema of parameters, and why it cannot be used; then any object fits."""
    by_hand = as_text(parameters.get("schemaType"), "") == "manual"
    example = parameters.get("jsonSchemaExample")
    written = parameters.get("inputSchema", parameters.get("jsonSchema"))
    if not by_hand and example is not None:
        found, problem = _read(example)
        schema = {} if problem else _schema_like(found)
    elif written is not None:
        found, problem = _read(written)
        schema = {key: one for key, one in as_object(found).items() if key != "$schema"}
        if not problem and not schema:
            problem = "it is no object"
    else:
        return {"type": "object"}, "it is not written"
    problem = problem or (format_problem(schema) or "")
    return ({"type": "object"}, problem) if problem else (unrendered(schema), "")


def _read(written: Any) -> tuple[Any, str]:
    if not isinstance(written, str):
        return written, ""
    if written.startswith("="):
        return None, "it is an expression"
    try:
        return msgspec.json.decode(written), ""
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None, "it is not JSON"


def _schema_like(example: Any, depth: int = 0) -> dict[str, Any]:
    """The schema of values like an example: the same fields, with the same types."""
    if depth > _DEEPEST:
        return {}
    match example:
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
        case list():
            inner = {"items": _schema_like(example[0], depth + 1)} if example else {}
            return {"type": "array", **inner}
        case dict():
            fields = {str(key): _schema_like(one, depth + 1) for key, one in example.items()}
            return {"type": "object", "properties": fields}
        case _:
            return {}
