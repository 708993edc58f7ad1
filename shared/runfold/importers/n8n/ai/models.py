"""Which model a node asks, and with which settings."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import (
    as_count,
    as_number,
    as_object,
    as_text,
    is_expression,
    located,
)
from runfold.importers.n8n.room import Room

MODEL = "ai_languageModel"
_NAMED_BY = ("model", "modelName", "modelId", "chatModel", "deploymentName")
_NUMBERS = {
    "temperature": "temperature",
    "topP": "top_p",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
}
_OF_THE_CLIENT = frozenset(("timeout", "maxRetries", "baseURL"))
"""Options about the way to the model, which is the operator's."""
_LIMITS = ("maxTokens", "maxOutputTokens", "maxTokensToSample", "numPredict")


def asked(node: Node, room: Room) -> dict[str, Any]:
    """The settings of the native node that asks the models which are a part of another.

    Args:
        node: The node that asks.
        room: The document.
    """
    parts = room.wiring.parts_of(node.name, MODEL)
    if not parts:
        room.draft.need("model", "default", node.name, "the default model is asked")
        return {}
    settings = of_part(parts[0], room)
    if len(parts) > 1 and node.parameters.get("needsFallback") is True:
        backup = named(parts[1], room)
        if backup:
            settings["backup_model"] = backup
    for part in parts:
        left = left_out(part)
        said = "; ".join((f"the model that {node.title} asks", *left))
        room.lines.setdefault(part.name, ("approximated" if left else "mapped", said))
    return settings


def left_out(part: Node) -> list[str]:
    """What a chat model says that is not asked for here."""
    reasons = []
    written = [as_text(located(part.parameters.get(key))) for key in _NAMED_BY]
    if not source_name(part) and any(is_expression(one) for one in written):
        reasons.append("its model is an expression, which is not evaluated: see --models")
    options = as_object(part.parameters.get("options"))
    known = (*_NUMBERS, *_LIMITS, *(["responseFormat"] if _wants_json(options) else []))
    left = [
        name
        for name, value in options.items()
        if name not in _OF_THE_CLIENT and (name not in known or is_expression(value))
    ]
    if left:
        reasons.append(f"settings that are left out: {', '.join(left)}")
    return reasons


def of_part(part: Node, room: Room) -> dict[str, Any]:
    """The settings of a chat model."""
    if part.kind == "modelSelector":
        inner = room.wiring.parts_of(part.name, MODEL)
        said = "chooses by rules that are not kept: its first model is asked"
        room.lines.setdefault(part.name, ("approximated", said))
        for one in inner:
            room.lines.setdefault(one.name, ("mapped", f"one of the models of {part.title}"))
        return of_part(inner[0], room) if inner else {}
    settings = sampling(as_object(part.parameters.get("options")))
    model = named(part, room)
    return {"model": model, **settings} if model else settings


def named(node: Node, room: Room) -> str:
    """The model here that stands for the one a node names; empty: the default one."""
    written = source_name(node)
    known = room.context.models.get(written) or room.context.models.get(node.kind)
    if known:
        return known
    hint = "name a model for it with --models; the default model is asked"
    room.draft.need("model", written or node.kind or node.title, node.name, hint)
    return ""


def source_name(node: Node) -> str:
    """The model as the document names it."""
    for key in _NAMED_BY:
        value = as_text(located(node.parameters.get(key)))
        if value and not is_expression(value):
            return value
    return ""


def _wants_json(options: dict[str, Any]) -> bool:
    return as_text(options.get("responseFormat")) == "json_object"


def sampling(options: dict[str, Any]) -> dict[str, Any]:
    """Settings of the request that are no expressions."""
    found: dict[str, Any] = {}
    for name, native in _NUMBERS.items():
        if name in options and not is_expression(options[name]):
            found[native] = as_number(options[name], 0.0)
    if _wants_json(options):
        found["response_format"] = "json"
    limits = [as_count(options[name], 0) for name in _LIMITS if name in options]
    if limits and limits[0] > 0:
        found["max_tokens"] = limits[0]
    return found
