"""Vector stores and what asks them: knowledge bases stand for the stores.

A store that is filled by a workflow is filled here too, under its name; one that is only asked has
to be filled before.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.ai.agents import CHAT, asking
from runfold.importers.n8n.ai.bases import base_of
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts import services
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_count, as_object, as_text
from runfold.importers.n8n.room import PROFILE, Part, Room


def store(node: Node, room: Room) -> Part:
    """A vector store as a step: documents go in, or passages are looked for."""
    mode = as_text(node.parameters.get("mode"))
    if mode == "insert" or node.kind.endswith("Insert"):
        return _insert(node, room)
    if mode in ("load", "") or node.kind.endswith("Load"):
        return _load(node, room)
    base_of(node, room)
    return services.make(node, room)


def _insert(node: Node, room: Room) -> Part:
    base = base_of(node, room)
    text, said = "={{ $json.text ?? $json.content ?? $json.data ?? JSON.stringify($json) }}", ""
    for loader in room.wiring.parts_of(node.name, "ai_document"):
        if as_text(loader.parameters.get("jsonMode")) == "expressionData":
            text = loader.parameters.get("jsonData", text)
        if as_text(loader.parameters.get("dataType")) == "binary":
            said = "; files of items are not read: extract their text before"
    plan = room.items(node, "resolve", {"text": text}, node_id=room.step_id(node, "asked"))
    name = room.step_id(node, "call")
    call = {
        "id": name,
        "type": "knowledge_index",
        "profile": PROFILE,
        "name": f"{node.title}: index",
        "config": {"base": base, "create": True, "text": "{{item.text}}"},
    }
    each = room.each(
        node, "{{" + plan["id"] + ".resolved}}", call, {"pageContent": "{{item.text}}"}
    )
    collect = room.items(node, "collect", {}, results=results_of(each))
    reason = f"puts its items into the knowledge base {base!r}{said}"
    return Part((plan, each, collect), "approximated", reason)


def _load(node: Node, room: Room) -> Part:
    base = base_of(node, room)
    prompt = node.parameters.get("prompt") or CHAT
    plan = room.items(node, "resolve", {"query": prompt}, node_id=room.step_id(node, "asked"))
    name = room.step_id(node, "call")
    top_k = as_count(node.parameters.get("topK"), 4, least=1, most=100)
    call = {
        "id": name,
        "type": "knowledge_retrieve",
        "profile": PROFILE,
        "name": f"{node.title}: search",
        "config": {"bases": base, "query": "{{item.query}}", "top_k": top_k},
    }
    each = room.each(node, "{{" + plan["id"] + ".resolved}}", call, "{{" + name + ".output}}")
    parameters = {"within": "document"}
    collect = room.items(node, "collect", parameters, results=results_of(each))
    reason = f"looks in the knowledge base {base!r}, which has to be filled here"
    return Part((plan, each, collect), "approximated", reason)


def answers(node: Node, room: Room) -> Part:
    """Question and Answer Chain: an `agent` that searches before it answers."""
    entries: list[dict[str, Any]] = []
    for retriever in room.wiring.parts_of(node.name, "ai_retriever"):
        stores = _stores(retriever, room)
        for one in stores:
            base = base_of(one, room)
            room.lines.setdefault(one.name, ("approximated", f"the knowledge base {base!r}"))
            tool = {"type": "knowledge_retrieve", "name": f"search_{len(entries) + 1}"}
            entries.append(
                {**tool, "description": f"Searches {one.title}.", "config": {"bases": base}}
            )
        said = f"{node.title} searches the knowledge base itself"
        room.lines.setdefault(retriever.name, ("approximated", said))
    prompt = node.parameters.get("query") or node.parameters.get("text") or CHAT
    config: dict[str, Any] = {"tools": entries, "max_rounds": 4} if entries else {}
    system = as_text(as_object(node.parameters.get("options")).get("systemPromptTemplate"))
    system = system.replace("{context}", "").replace("{question}", "")
    return asking(
        node,
        room,
        native="agent" if entries else "llm",
        prompt=prompt,
        system=system or "Answer from what the search finds; say so when it finds nothing.",
        config=config,
        key="response",
        notes=["the model searches itself, and may search more than once"],
    )


def _stores(retriever: Node, room: Room) -> list[Node]:
    """The stores behind a retriever, also one that wraps another."""
    found = list(room.wiring.parts_of(retriever.name, "ai_vectorStore"))
    for inner in room.wiring.parts_of(retriever.name, "ai_retriever"):
        room.lines.setdefault(inner.name, ("approximated", f"a part of {retriever.title}"))
        found += room.wiring.parts_of(inner.name, "ai_vectorStore")
    return found
