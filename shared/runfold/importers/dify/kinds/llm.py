"""`llm`: a language model is asked."""

from __future__ import annotations

from typing import Any

from runfold.graph.kinds.response_format import format_problem
from runfold.importers.dify.flow import Exits, Flow, Made, Node, NodeKind, absent, native
from runfold.importers.dify.jinja import jinja
from runfold.importers.dify.models import model_config, sampling
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import (
    flag_at,
    list_at,
    object_at,
    objects_at,
    selector_at,
    text_at,
    whole_at,
)
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard
from runfold.importers.dify.text import literals, template, unknown

OUTPUTS = {
    "text": ("output",),
    "structured_output": ("structured",),
    "reasoning_content": ("reasoning",),
}
_ROLES = {"system": "system", "user": "user", "assistant": "assistant", "developer": "system"}
_PLACE = "<context/>"
_WINDOW = 50


def _make(node: SourceNode, flow: Flow) -> Made:
    reasons: list[str] = []
    if gone := _unknown(flow, node):
        reason = f"its prompt reads {gone[0]!r}, which there is not: with that Dify fails too"
        return absent(flow, node, "llm", reason)
    messages = _messages(flow, node, reasons)
    memory = object_at(node.data, "memory")
    asked = _asked(flow, node, messages, memory)
    if not asked:
        return absent(flow, node, "llm", "its prompt is empty, with which Dify fails too")
    model = object_at(node.data, "model")
    settings, said = sampling(model)
    config = {**asked, **model_config(flow, node, model), **settings, "on_length": "keep"}
    reasons += said
    config |= _context(flow, node, reasons)
    config |= _vision(flow, node)
    config |= (structured := _structured(flow, node, reasons))
    if structured:
        config.pop("extra", None)  # what the model is asked for is said by the schema
    return finish(node, native(flow, node, "llm", config), reasons)


def _unknown(flow: Flow, node: SourceNode) -> list[str]:
    """What the prompts read that the document does not have; programs of Jinja2 may."""
    written = node.data.get("prompt_template")
    entries = written if isinstance(written, list) else [written]
    texts = [
        one if isinstance(one, str) else text_at(one, "text", "content")
        for one in entries
        if isinstance(one, str)
        or (isinstance(one, dict) and text_at(one, "edition_type") != "jinja2")
    ]
    return [name for text in texts for name in unknown(flow, text, node)]


def finish(node: SourceNode, made: Node, reasons: list[str]) -> Made:
    """A node of a model with what happens when it fails."""
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits, OUTPUTS)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if reasons:
        result.result = "approximated"
    return result


def _messages(flow: Flow, node: SourceNode, reasons: list[str]) -> list[dict[str, Any]]:
    """The prompt as messages, those without text left out as Dify does."""
    written = node.data.get("prompt_template")
    entries = written if isinstance(written, list) else [written]
    known = {"context": _PLACE, "histories": "", "query": ""}
    messages = []
    for one in entries:
        entry = {"role": "user", "text": one} if isinstance(one, str) else one
        if not isinstance(entry, dict):
            continue
        role = _ROLES.get(text_at(entry, "role").lower(), "user")
        if text_at(entry, "edition_type") == "jinja2":
            declared = list_at(object_at(node.data, "prompt_config"), "jinja2_variables")
            text, problem = jinja(flow, text_at(entry, "jinja2_text", "text"), declared, node)
            if problem:
                reasons.append(f"a prompt cannot be rendered: {problem}")
                text = template(flow, text_at(entry, "jinja2_text", "text"), None)
        else:
            text = template(flow, text_at(entry, "text", "content"), node, known)
        if text.strip():
            messages.append({"role": role, "content": text})
    return messages


def _asked(
    flow: Flow, node: SourceNode, messages: list[dict[str, Any]], memory: dict[str, Any]
) -> dict[str, Any]:
    """Prompt, messages and history; empty when there is nothing to ask."""
    if not memory or not flow.chats:
        return {"messages": messages} if messages else {}
    written = text_at(memory, "query_prompt_template") or "{{#sys.query#}}"
    window = object_at(memory, "window")
    config: dict[str, Any] = {"history": "{{sys.history}}"}
    size = whole_at(window, "size", _WINDOW, least=0, most=500)
    config["history_window"] = 2 * size if flag_at(window, "enabled") else 2 * 500
    system = [one["content"] for one in messages if one["role"] == "system"]
    rest = [one for one in messages if one["role"] != "system"]
    if system:
        config["system_prompt"] = "\n\n".join(system)
    asked = template(flow, written, node)
    return {**config, "messages": [*rest, {"role": "user", "content": asked}]}


def _context(flow: Flow, node: SourceNode, reasons: list[str]) -> dict[str, Any]:
    context = object_at(node.data, "context")
    selector = selector_at(context, "variable_selector")
    if not flag_at(context, "enabled") or not selector:
        return {}
    found = exact(flow, selector, node)
    if found is None:
        reasons.append(f"its context {'.'.join(selector)!r} has no value: none is given")
        return {}
    return {"context": found}


def _vision(flow: Flow, node: SourceNode) -> dict[str, Any]:
    vision = object_at(node.data, "vision")
    if not flag_at(vision, "enabled"):
        return {}
    configs = object_at(vision, "configs")
    found = exact(flow, selector_at(configs, "variable_selector") or ("sys", "files"), node)
    if found is None:
        return {}
    detail = text_at(configs, "detail").lower()
    files = {"files": found}
    return {**files, "image_detail": detail} if detail in ("low", "high") else files


def _structured(flow: Flow, node: SourceNode, reasons: list[str]) -> dict[str, Any]:
    if not (flag_at(node.data, "structured_output_enabled") or _switch(node)):
        return {}
    schema = object_at(object_at(node.data, "structured_output"), "schema")
    if not schema:
        return {}
    problem = format_problem(schema)
    if problem:
        reasons.append(f"its schema cannot be used, so any JSON is taken: {problem}")
        return {"response_format": "json"}
    return {"response_format": literals(flow, schema)}


def _switch(node: SourceNode) -> bool:
    return bool(objects_at(node.data, "structured_output_switch_on")) or flag_at(
        node.data, "structured_output_switch_on"
    )


KIND = NodeKind(make=_make, outputs=OUTPUTS)
