"""What asks a model for something other than a text: fields, a class, a feeling, a summary."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.ai.agents import asking
from runfold.importers.n8n.ai.models import asked
from runfold.importers.n8n.ai.outputs import schema_of
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_object, as_text, at, objects_in, unrendered
from runfold.importers.n8n.room import PROFILE, Part, Room

_TYPES = {"number": "number", "boolean": "boolean", "date": "string", "string": "string"}
_FEELINGS = ("Positive", "Neutral", "Negative")
_CONCISE = "={{ 'Summarize this in a few sentences:\\n\\n' + JSON.stringify($json) }}"


def extractor(node: Node, room: Room) -> Part:
    """Information Extractor: a value that fits a JSON Schema, for each item."""
    options = as_object(node.parameters.get("options"))
    parameters = {
        "text": node.parameters.get("text", "={{ JSON.stringify($json) }}"),
        "system": options.get("systemPromptTemplate", ""),
    }
    plan = room.items(node, "resolve", parameters, node_id=room.step_id(node, "asked"))
    schema, problem = _schema(node)
    config: dict[str, Any] = {"prompt": "{{item.text}}", "schema": schema, **_settings(node, room)}
    if parameters["system"]:
        config["system_prompt"] = "{{item.system}}"
    name = room.step_id(node, "call")
    call = {
        "id": name,
        "type": "structured",
        "profile": PROFILE,
        "name": f"{node.title}: model",
        "config": config,
    }
    output = {"output": "{{" + name + ".output}}"}
    each = room.each(node, "{{" + plan["id"] + ".resolved}}", call, output)
    collect = room.items(node, "collect", {}, results=results_of(each))
    reason = f"its schema cannot be used, so that any object is taken: {problem}" if problem else ""
    return Part((plan, each, collect), "approximated" if problem else "mapped", reason)


def _settings(node: Node, room: Room) -> dict[str, Any]:
    """What the model is asked with, as far as `structured` and `intent` know it."""
    known = ("model", "backup_model", "temperature", "max_tokens")
    return {key: value for key, value in asked(node, room).items() if key in known}


def _schema(node: Node) -> tuple[dict[str, Any], str]:
    if as_text(node.parameters.get("schemaType"), "fromAttributes") != "fromAttributes":
        return schema_of(node.parameters)
    rows = objects_in(at(node.parameters, "attributes", "attributes"))
    fields: dict[str, Any] = {}
    for one in rows:
        field = {"type": _TYPES.get(as_text(one.get("type"), "string"), "string")}
        if as_text(one.get("description")):
            field["description"] = as_text(one.get("description"))
        fields[as_text(one.get("name")) or f"field_{len(fields) + 1}"] = field
    required = [as_text(one.get("name")) for one in rows if one.get("required") is True]
    schema: dict[str, Any] = {"type": "object", "properties": fields}
    if required:
        schema["required"] = [name for name in required if name]
    return unrendered(schema), ""


def classifier(node: Node, room: Room) -> Part:
    """Text Classifier: an output for each category, and one for the rest where it has one."""
    rows = objects_in(at(node.parameters, "categories", "categories"))
    classes = [
        {
            "id": f"c{place}",
            "name": unrendered(as_text(one.get("category"))) or f"category {place}",
            "description": unrendered(as_text(one.get("description"))),
        }
        for place, one in enumerate(rows, 1)
    ]
    has_other = at(node.parameters, "options", "fallback") == "other"
    notes = []
    if at(node.parameters, "options", "multiClass") is True:
        notes.append("an item goes to one category, the one that fits best")
    text = node.parameters.get("inputText", "={{ JSON.stringify($json) }}")
    outputs = len(classes) + has_other
    return _classed(node, room, text, classes, outputs=outputs, notes=notes)


def sentiment(node: Node, room: Room) -> Part:
    """Sentiment Analysis: an output for each feeling, which items say too."""
    written = as_text(at(node.parameters, "options", "categories"))
    names = [one.strip() for one in written.split(",") if one.strip()] if written else _FEELINGS
    classes = [{"id": f"c{place}", "name": name} for place, name in enumerate(names, 1)]
    text = node.parameters.get("inputText", "={{ JSON.stringify($json) }}")
    field = {"field": "sentimentAnalysis", "names": list(names)}
    notes = ["says the category alone, without its strength and confidence"]
    return _classed(node, room, text, classes, outputs=len(classes), field=field, notes=notes)


def _classed(
    node: Node,
    room: Room,
    text: Any,
    classes: list[dict[str, Any]],
    *,
    outputs: int,
    field: dict[str, Any] | None = None,
    notes: list[str],
) -> Part:
    system = at(node.parameters, "options", "systemPromptTemplate")
    parameters = {"text": text, "system": system or ""}
    plan = room.items(node, "resolve", parameters, node_id=room.step_id(node, "asked"))
    config: dict[str, Any] = {
        "text": "{{item.text}}",
        "classes": classes or [{"id": "c1", "name": "any"}],
        "mode": "fast",
        **_settings(node, room),
    }
    if isinstance(system, str) and system and "{categories}" not in system:
        config["instructions"] = "{{item.system}}"
    name = room.step_id(node, "call")
    call = {
        "id": name,
        "type": "intent",
        "profile": PROFILE,
        "name": f"{node.title}: model",
        "config": config,
    }
    each = room.each(node, "{{" + plan["id"] + ".resolved}}", call, "{{" + name + ".index}}")
    route = {"outputs": max(1, outputs), "other": outputs > len(classes), **(field or {})}
    collect = room.items(node, "route", route, results=results_of(each))
    return Part((plan, each, collect), "approximated" if notes else "mapped", "; ".join(notes))


def summary(node: Node, room: Room) -> Part:
    """Summarization Chain: one question to a model for each item."""
    options = as_object(node.parameters.get("options"))
    prompts = as_object(at(options, "summarizationMethodAndPrompts", "values"))
    written = as_text(prompts.get("combineMapPrompt")) or as_text(prompts.get("prompt"))
    notes = ["asks once for the whole text, where n8n cuts long ones and joins their summaries"]
    for part in (*room.wiring.parts_of(node.name, "ai_document"),):
        room.lines.setdefault(part.name, ("approximated", f"{node.title} reads its items itself"))
        for inner in room.wiring.parts_of(part.name, "ai_textSplitter"):
            room.lines.setdefault(inner.name, ("approximated", "texts are not cut"))
    for part in room.wiring.parts_of(node.name, "ai_textSplitter"):
        room.lines.setdefault(part.name, ("approximated", "texts are not cut"))
    prompt = _CONCISE
    if written and "{text}" in written and "{{" not in written:
        before, _, after = written.lstrip("=").partition("{text}")
        prompt = "={{ " + _quoted(before) + " + JSON.stringify($json) + " + _quoted(after) + " }}"
    key = "text"
    made = asking(node, room, native="llm", prompt=prompt, key=key, notes=notes)
    holder = "output" if node.version >= 2.1 else "response"  # noqa: PLR2004 -- as n8n's versions
    each = made.nodes[1]["config"]
    each["output"] = {holder: each["output"]}
    return made


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"
