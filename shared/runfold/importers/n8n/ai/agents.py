"""AI Agent and Basic LLM Chain: a model that is asked for each item, an agent with its tools."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.ai.memory import remembered
from runfold.importers.n8n.ai.models import asked
from runfold.importers.n8n.ai.outputs import parsed
from runfold.importers.n8n.ai.tools import tools_of
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_count, as_object, as_text, objects_in
from runfold.importers.n8n.room import PROFILE, Part, Room
from runfold.importers.report import Result

CHAT = "={{ $json.chatInput ?? $json.input ?? $json.chat_input ?? $json.text ?? $json.query }}"
"""What is asked unless a node says something else: the message of a chat, by any of its names."""
_ROUNDS = 10
_ROLES = {
    "SystemMessagePromptTemplate": "system",
    "HumanMessagePromptTemplate": "user",
    "AIMessagePromptTemplate": "assistant",
}
_UNLIKE = ("planAndExecuteAgent", "sqlAgent")
"""Kinds of agents that go about it in another way."""


def agent(node: Node, room: Room) -> Part:
    """AI Agent: a native `agent`, or an `llm` where it has no tools."""
    options = as_object(node.parameters.get("options"))
    system = options.get("systemMessage", options.get("humanMessage", ""))
    tools = tools_of(node, room)
    notes: list[str] = []
    config: dict[str, Any] = {}
    if tools.entries:
        config["tools"] = tools.entries
        config["max_rounds"] = as_count(options.get("maxIterations"), _ROUNDS, least=1, most=100)
    kind = as_text(node.parameters.get("agent"), "toolsAgent")
    if kind in _UNLIKE:
        notes.append(f"n8n's {kind} goes about it in another way: the model calls tools here")
    return asking(
        node,
        room,
        native="agent" if tools.entries else "llm",
        prompt=_prompt(node),
        system=system,
        config=config,
        before=tools.before,
        notes=notes,
    )


def chain(node: Node, room: Room) -> Part:
    """Basic LLM Chain: a native `llm`."""
    written = node.parameters.get("messages")
    rows = objects_in(as_object(written).get("messageValues"))
    system = [one.get("message", "") for one in rows if _role(one) == "system"]
    others = [one for one in rows if _role(one) != "system"]
    prompt = node.parameters.get("prompt") if node.version < 1.4 else None  # noqa: PLR2004 -- as n8n
    notes = ["messages with images are sent as text"] if _has_images(rows) else []
    return asking(
        node,
        room,
        native="llm",
        prompt=prompt or _prompt(node),
        system=system[0] if system else "",
        messages=[{"role": _role(one), "content": one.get("message", "")} for one in others],
        key="text",
        notes=notes,
    )


def _role(message: dict[str, Any]) -> str:
    return _ROLES.get(as_text(message.get("type"), "SystemMessagePromptTemplate"), "user")


def _has_images(rows: list[dict[str, Any]]) -> bool:
    return any(as_text(one.get("messageType"), "text") != "text" for one in rows)


def _prompt(node: Node) -> Any:
    """What is asked: what the node defines, or the message of the chat."""
    text = node.parameters.get("text")
    if as_text(node.parameters.get("promptType"), "") in ("auto", "guardrails"):
        return CHAT
    return CHAT if text is None or text == "" else text


def asking(
    node: Node,
    room: Room,
    *,
    native: str,
    prompt: Any,
    system: Any = "",
    messages: list[dict[str, Any]] | None = None,
    config: dict[str, Any] | None = None,
    key: str = "output",
    notes: list[str] | None = None,
    before: tuple[dict[str, Any], ...] = (),
) -> Part:
    """A native node that asks a model for each item.

    Args:
        node: The node.
        room: The document.
        native: Its type here.
        prompt: What is asked, as n8n writes it.
        system: What the model is told first.
        messages: Messages between the two.
        config: Further settings.
        key: Where an item has the answer.
        notes: What differs.
        before: Native nodes that have to run before.
    """
    parameters = {"prompt": prompt, "system": system, "messages": messages or []}
    if config and "tools" in config:
        parameters["json"] = "={{ $json }}"
    plan = room.items(node, "resolve", parameters, node_id=room.step_id(node, "asked"))
    schema = parsed(node, room)
    settings: dict[str, Any] = {"prompt": "{{item.prompt}}", **(config or {})}
    if system:
        settings["system_prompt"] = "{{item.system}}"
    if messages:
        settings["messages"] = "{{item.messages}}"
    settings |= asked(node, room) | remembered(node, room)
    if schema is not None:
        settings["response_format"] = schema
    name = room.step_id(node, "call")
    call = {
        "id": name,
        "type": native,
        "profile": PROFILE,
        "name": f"{node.title}: model",
        "config": settings,
    }
    answer = "{{" + name + (".structured}}" if schema is not None else ".output}}")
    output = {"output" if schema is not None else key: answer}
    each = room.each(node, "{{" + plan["id"] + ".resolved}}", call, output)
    collect = room.items(node, "collect", {}, results=results_of(each))
    result: Result = "approximated" if notes else "mapped"
    return Part((plan, *before, each, collect), result, "; ".join(notes or ()))
