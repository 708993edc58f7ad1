"""Nodes of one vendor that ask its model for a message: OpenAI, Anthropic, Gemini and others."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.ai.models import named, sampling
from runfold.importers.n8n.ai.tools import tools_of
from runfold.importers.n8n.document import BASE, Node
from runfold.importers.n8n.parts import services
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_object, as_text, at, objects_in
from runfold.importers.n8n.room import PROFILE, Part, Room

_RESPONSES = 2
"""The version since which the OpenAI node gives answers as the Responses API does."""


def make(node: Node, room: Room) -> Part:
    """A message of a model, in the shape in which the vendor gives it; else a service's node."""
    if not _asks_for_message(node):
        return services.make(node, room)
    messages = _messages(node)
    options = as_object(node.parameters.get("options"))
    system = options.get("system", options.get("systemMessage", ""))
    parameters = {"messages": messages, "system": system}
    tools = tools_of(node, room)
    if tools.entries:
        parameters["json"] = "={{ $json }}"
    plan = room.items(node, "resolve", parameters, node_id=room.step_id(node, "asked"))
    config: dict[str, Any] = {"messages": "{{item.messages}}", **sampling(options)}
    if options.get("system") or options.get("systemMessage"):
        config["system_prompt"] = "{{item.system}}"
    if tools.entries:
        config["tools"] = tools.entries
    model = named(node, room)
    if model:
        config["model"] = model
    as_json = node.parameters.get("jsonOutput") is True or _json_format(options)
    if as_json:
        config["response_format"] = "json"
    name = room.step_id(node, "call")
    call = {
        "id": name,
        "type": "agent" if tools.entries else "llm",
        "profile": PROFILE,
        "name": f"{node.title}: model",
        "config": config,
    }
    content = "{{" + name + (".structured}}" if as_json else ".output}}")
    each = room.each(node, "{{" + plan["id"] + ".resolved}}", call, _answer(node, content))
    collect = room.items(node, "collect", {}, results=results_of(each))
    if node.written.endswith("chatOpenAi"):
        said = "n8n has no such node: asks the model as its OpenAI node does"
        return Part((plan, *tools.before, each, collect), "approximated", said)
    return Part((plan, *tools.before, each, collect))


def _asks_for_message(node: Node) -> bool:
    resource = as_text(node.parameters.get("resource"), "text")
    operation = as_text(node.parameters.get("operation"), "")
    if node.package == BASE and node.kind == "openAi":
        return resource in ("text", "chat") and operation in ("", "complete")
    return resource in ("text", "chat") and operation in ("", "message", "response", "complete")


def _json_format(options: dict[str, Any]) -> bool:
    kind = at(options, "textFormat", "textOptions", "type") or options.get("responseFormat")
    return kind in ("json_object", "json_schema")


def _messages(node: Node) -> list[dict[str, Any]]:
    """The messages as they are written, by any of the names that versions give them."""
    written = node.parameters
    rows: list[dict[str, Any]] = []
    for holder, key in (
        ("messages", "values"),
        ("messages", "message"),
        ("responses", "values"),
        ("prompt", "messages"),
    ):
        rows = rows or objects_in(as_object(written.get(holder)).get(key))
    found = [
        {
            "role": _role(as_text(one.get("role"), "user")),
            "content": one.get("content", one.get("message", one.get("text", ""))),
        }
        for one in rows
    ]
    if found:
        return found
    prompt = written.get("prompt")
    return [{"role": "user", "content": prompt if isinstance(prompt, str) else ""}]


def _role(written: str) -> str:
    role = {"model": "assistant", "human": "user"}.get(written, written)
    return role if role in ("user", "assistant", "system") else "user"


def _answer(node: Node, content: str) -> dict[str, Any]:
    if node.parameters.get("shortForm") is True:
        return {"content": content}
    if node.package == BASE and as_text(node.parameters.get("resource"), "text") == "text":
        return {"text": content, "index": 0, "finish_reason": "stop"}
    match node.kind:
        case "anthropic":
            return {"content": [{"type": "text", "text": content}]}
        case "googleGemini":
            return {"content": {"parts": [{"text": content}], "role": "model"}}
        case "ollama":
            return {"content": content}
        case "openAi" if node.version >= _RESPONSES and node.package != BASE:
            inner = [{"type": "output_text", "text": content}]
            return {"output": [{"type": "message", "role": "assistant", "content": inner}]}
    message = {"role": "assistant", "content": content}
    return {"index": 0, "message": message, "finish_reason": "stop"}
