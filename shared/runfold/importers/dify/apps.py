"""Apps without a graph: `chat`, `agent-chat` and `completion` become flows of one model node."""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.dify import features
from runfold.importers.dify.flow import Flow, Made, Node, edge, native
from runfold.importers.dify.graph import finished, remarks_of
from runfold.importers.dify.kinds import KINDS
from runfold.importers.dify.kinds.agent import agent, tools
from runfold.importers.dify.kinds.knowledge_retrieval import KIND as RETRIEVAL
from runfold.importers.dify.kinds.start import declare
from runfold.importers.dify.kinds.tool import agent_tools
from runfold.importers.dify.models import model_config, sampling
from runfold.importers.dify.reading import (
    flag_at,
    object_at,
    objects_at,
    text_at,
    whole_at,
)
from runfold.importers.dify.scopes import Scoping
from runfold.importers.dify.source import Source, SourceNode
from runfold.importers.draft import Draft, native_id
from runfold.importers.importer import Context
from runfold.importers.report import Imported

MODES = ("chat", "agent-chat", "completion")
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_HISTORY = 20
_OPENING = re.compile(r"\{(?=[{%#])")


def read_app(document: dict[str, Any], context: Context, mode: str) -> Imported:
    """The definition of an app without a graph."""
    config = object_at(document, "model_config")
    app = object_at(document, "app")
    source = _source(config, mode)
    name = text_at(app, "name").strip()
    fields = _fields(config)
    taken = ("query", "files", *(text_at(one, "variable") for one in fields))
    draft = Draft("dify", native_id(name) or context.name, name or context.name, taken)
    description = text_at(app, "description").strip()
    if description:
        draft.definition["description"] = description
    draft.definition |= {"inputs": {}, "closed_inputs": False}
    flow = Flow(draft, context, source, KINDS, Scoping(source, {}))
    flow.start = draft.fresh_id("inputs")
    _build(flow, config, fields, mode)
    _report(flow, document, config)
    return finished(flow)


def _source(config: dict[str, Any], mode: str) -> Source:
    nodes = {
        node_id: SourceNode(id=node_id, type=type_, written=mode, title=title, data=config)
        for node_id, type_, title in (
            ("model", "agent" if mode == "agent-chat" else "llm", "Model"),
            ("knowledge", "knowledge-retrieval", "Knowledge"),
        )
        if node_id == "model" or _datasets(config)
    }
    return Source(
        nodes=nodes,
        edges=(),
        remarks=(),
        lost={},
        strays=(),
        mode="advanced-chat" if mode != "completion" else mode,
        features=config,
        environment=[],
        conversation=[],
        pipeline=[],
    )


def _fields(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The inputs of an app: `user_input_form` has one object by type for each."""
    found = []
    for entry in objects_at(config, "user_input_form"):
        for type_, one in entry.items():
            if isinstance(one, dict) and text_at(one, "variable"):
                found.append({"type": type_, **one})
    return found


def _datasets(config: dict[str, Any]) -> list[str]:
    found = []
    for entry in objects_at(
        object_at(object_at(config, "dataset_configs"), "datasets"), "datasets"
    ):
        dataset = object_at(entry, "dataset") or entry
        if text_at(dataset, "id") and flag_at(dataset, "enabled", default=True):
            found.append(text_at(dataset, "id"))
    return found


def _build(flow: Flow, config: dict[str, Any], fields: list[dict[str, Any]], mode: str) -> None:
    outputs: dict[str, Any] = {}
    for one in fields:
        name, reference = declare(flow, one, required=flag_at(one, "required"))
        outputs[name] = reference
    inputs = flow.draft.definition["inputs"]
    if mode != "completion" or "query" not in outputs:
        inputs.setdefault("query", {"type": "string", "default": "", "description": "The message"})
        outputs["query"] = "{{ query or sys.query }}"
    start = {"id": flow.start, "type": "values", "config": {"outputs": outputs}, "profile": "dify"}
    nodes: list[Node] = [start]
    edges: list[dict[str, str]] = []
    knowledge = _knowledge(flow, config)
    asked = _asked(flow, config, mode, outputs)
    before = flow.start
    if knowledge is not None:
        nodes += knowledge.nodes
        edges.append(edge(before, knowledge.entry))
        before = knowledge.entry
        asked["context"] = "{{" + f"{before}.output" + "}}"
    model = _model(flow, config, asked, mode)
    flow.made["model"] = model
    nodes += model.nodes
    edges.append(edge(before, model.entry))
    answer = flow.draft.fresh_id("answer")
    text = "{{" + f"{model.entry}.output" + "}}"
    nodes.append({"id": answer, "type": "answer", "config": {"answer": text}, "profile": "dify"})
    edges.append(edge(model.entry, answer))
    flow.owners |= {answer: "model", flow.start: "model"}
    flow.draft.definition |= {"nodes": nodes, "edges": edges}


def _knowledge(flow: Flow, config: dict[str, Any]) -> Made | None:
    ids = _datasets(config)
    if not ids:
        return None
    settings = object_at(config, "dataset_configs")
    node = SourceNode(
        id="knowledge",
        type="knowledge-retrieval",
        written="knowledge",
        title="Knowledge",
        data={
            "dataset_ids": ids,
            "query_variable_selector": ["sys", "query"],
            "multiple_retrieval_config": settings,
        },
    )
    made = RETRIEVAL.make(node, flow)
    flow.made["knowledge"] = made
    return made


def _asked(
    flow: Flow, config: dict[str, Any], mode: str, outputs: dict[str, Any]
) -> dict[str, Any]:
    """What the model is told and asked."""
    told = _prompt(flow, config, outputs)
    if mode == "completion":
        asked: dict[str, Any] = {"prompt": told} if told.strip() else {}
        return asked or {"prompt": "{{" + f"{flow.start}.query" + "}}"}
    asked = {"prompt": "{{" + f"{flow.start}.query" + "}}", "history": "{{sys.history}}"}
    asked["history_window"] = _HISTORY
    return {**asked, "system_prompt": told} if told.strip() else asked


def _prompt(flow: Flow, config: dict[str, Any], outputs: dict[str, Any]) -> str:
    """The prompt with its variables, `{{name}}`; other braces mean themselves."""
    written = text_at(config, "pre_prompt")
    if text_at(config, "prompt_type") == "advanced" or not written.strip():
        written = _advanced(config) or written
    pieces: list[str] = []
    at = 0
    for found in _VARIABLE.finditer(written):
        if found[1] in outputs:
            pieces.append(_OPENING.sub(lambda _one: flow.brace(), written[at : found.start()]))
            pieces.append("{{" + f"{flow.start}.{found[1]}" + "}}")
            at = found.end()
    pieces.append(_OPENING.sub(lambda _one: flow.brace(), written[at:]))
    return "".join(pieces)


def _advanced(config: dict[str, Any]) -> str:
    chat = object_at(config, "chat_prompt_config")
    texts = [text_at(one, "text") for one in objects_at(chat, "prompt")]
    completion = object_at(object_at(config, "completion_prompt_config"), "prompt")
    return "\n\n".join(one for one in (*texts, text_at(completion, "text")) if one.strip())


def _model(flow: Flow, config: dict[str, Any], asked: dict[str, Any], mode: str) -> Made:
    node = flow.source.nodes["model"]
    model = object_at(config, "model")
    settings, reasons = sampling(model)
    body = {**asked, **model_config(flow, node, model), **settings, "on_length": "keep"}
    if features.takes_files(config):
        flow.draft.definition["inputs"].setdefault("files", {"type": "files"})
        flow.draft.definition.setdefault("variables", {})["files"] = []
        body["files"] = "{{files}}"
    agent_mode = object_at(config, "agent_mode")
    if mode != "agent-chat":
        return Made(
            nodes=[native(flow, node, "llm", body)],
            entry=flow.id_of(node),
            exits={},
            reasons=reasons,
            result="approximated" if reasons else "mapped",
        )
    body["tools"] = tools(flow, node, agent_tools(agent_mode), reasons)
    body["max_rounds"] = whole_at(agent_mode, "max_iteration", 5, most=100)
    if "react" in text_at(agent_mode, "strategy").lower():
        body["strategy"] = "react"
    return agent(flow, node, body, reasons)


def _report(flow: Flow, document: dict[str, Any], config: dict[str, Any]) -> None:
    said = [*remarks_of(document), *features.remarks(config)]
    for node_id, node in flow.source.nodes.items():
        made = flow.made[node_id]
        reasons = made.reasons if made else []
        result = made.result if made else "mapped"
        if node_id == "model":
            reasons = [*reasons, *said]
            result = "approximated" if said and result == "mapped" else result
        flow.draft.line(node_id, node.written, result, "; ".join(reasons))
