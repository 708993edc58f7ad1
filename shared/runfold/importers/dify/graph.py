"""A document with a graph, `workflow` or `advanced-chat`, as a definition with its report."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify import features
from runfold.importers.dify.answers import gather
from runfold.importers.dify.bodies import assembled
from runfold.importers.dify.declared import (
    declare_conversation,
    declare_environment,
    declare_pipeline,
)
from runfold.importers.dify.flow import PROFILE, Flow, Node, edge
from runfold.importers.dify.kinds import KINDS
from runfold.importers.dify.kinds.start import variables_of
from runfold.importers.dify.kinds.tool import handles as guarded_handles
from runfold.importers.dify.node_types import CONTAINERS, INNER_STARTS, NOTE
from runfold.importers.dify.note_texts import draw_note
from runfold.importers.dify.reading import object_at, objects_at, text_at
from runfold.importers.dify.scopes import Scoping
from runfold.importers.dify.source import Source, SourceNode, read_source
from runfold.importers.draft import Draft, native_id
from runfold.importers.importer import Context
from runfold.importers.report import Imported

_QUERY, _FILES = "query", "files"
_NEWEST = 6
"""Minor version of the newest documents that are known."""


def read_graph(document: dict[str, Any], context: Context, mode: str) -> Imported:
    """The definition of a document with a graph."""
    source = read_source(document, mode)
    app = object_at(document, "app")
    name = text_at(app, "name").strip()
    draft = Draft("dify", native_id(name) or context.name, name or context.name, _taken(source))
    description = text_at(app, "description").strip()
    if description:
        draft.definition["description"] = description
    draft.definition |= {"inputs": {}, "closed_inputs": False}
    scoping = Scoping(source, _handles(source))
    flow = Flow(draft, context, source, KINDS, scoping)
    _build(flow)
    _report(flow, [*remarks_of(document), *source.remarks, *features.remarks(source.features)])
    return finished(flow)


def finished(flow: Flow) -> Imported:
    """What the whole came to; who helps which node is kept with the origin."""
    draft = flow.draft
    origin: dict[str, Any] = draft.definition.setdefault("origin", {})
    kept = features.kept(flow.source.features)
    if kept:
        origin["features"] = kept
    notes = [_note(node) for node in flow.source.nodes.values() if node.type == NOTE]
    if notes:
        origin["notes"] = notes
    for node in flow.source.nodes.values():
        if node.type == NOTE:
            draw_note(node, flow)
    for key in ("variables", "inputs"):
        if not draft.definition.get(key):
            draft.definition.pop(key, None)
    imported = draft.imported()
    nodes = imported.definition["origin"]["nodes"]
    imported.definition["origin"]["nodes"] = {**flow.owners, **nodes}
    return imported


def remarks_of(document: dict[str, Any]) -> list[str]:
    """What is to be said about the version of a document."""
    written = text_at(document, "version").strip()
    major, _, rest = written.partition(".")
    minor = rest.partition(".")[0]
    is_known = major == "0" and (not minor.isdecimal() or int(minor[:9]) <= _NEWEST)
    if not written or is_known:
        return []
    return [f"it says version {written}: it is read as one of 0.1 to 0.{_NEWEST}, which are known"]


def _taken(source: Source) -> tuple[str, ...]:
    """Names that no node may have: of inputs, and of loop variables."""
    names = {_QUERY, _FILES, "trigger", "conversation"}
    for node in source.nodes.values():
        names.update(text_at(one, "variable", "name") for one in variables_of(node))
        names.update(text_at(one, "label") for one in objects_at(node.data, "loop_variables"))
    names.update(text_at(one, "variable") for one in source.pipeline)
    return tuple(sorted(names))


def _handles(source: Source) -> dict[str, tuple[str, ...]]:
    """Handles of the nodes that branch, by their type or by what follows a failure."""
    found: dict[str, tuple[str, ...]] = {}
    for node in source.nodes.values():
        kind = KINDS.get(node.type)
        known = kind.handles(node) if kind and kind.handles else ()
        guarded = guarded_handles(node)
        if known or guarded:
            found[node.id] = tuple(dict.fromkeys((*known, *(guarded[1:] if known else guarded))))
    return found


def _build(flow: Flow) -> None:
    """The nodes and edges of the whole graph, and what they read of the run."""
    source, draft = flow.source, flow.draft
    starts = [node for node in source.within("") if node.type == "start"]
    flow.start = draft.id_of(starts[0].id) if starts else draft.fresh_id("inputs")
    declare_environment(flow)
    declare_conversation(flow)
    given: dict[str, Any] = declare_pipeline(flow)
    scope = flow.scoping.scope("")
    nodes, edges = assembled(flow, scope)
    targets = {one["target"] for one in edges}
    roots = [node for node in nodes if node["id"] not in targets]
    if flow.reads_files or (features.takes_files(source.features) and flow.chats):
        flow.reads_files = True
    given |= _of_messages(flow)
    first = next((node for node in nodes if node["id"] == flow.start), None)
    if first is not None:
        first["config"]["outputs"] = {**given, **first["config"]["outputs"]}
    elif given or not nodes:
        nodes.insert(0, _values(flow.start, given))
        edges = [*(edge(flow.start, root["id"]) for root in roots), *edges]
        roots = [nodes[0]]
    gather(flow, nodes, edges)
    _gather_files(flow, nodes, edges, roots)
    _choose(flow, scope.roots, nodes, edges)
    draft.definition |= {"nodes": nodes, "edges": edges}


def _of_messages(flow: Flow) -> dict[str, str]:
    """What the first node gives of the message that a run answers."""
    inputs = flow.draft.definition["inputs"]
    given: dict[str, str] = {}
    if flow.chats:
        inputs.setdefault(_QUERY, {"type": "string", "default": "", "description": "The message"})
        given[_QUERY] = "{{ query or sys.query }}"
    return given


def _gather_files(
    flow: Flow, nodes: list[Node], edges: list[dict[str, str]], roots: list[Node]
) -> None:
    """The files of a message: those of the request, or an input."""
    if not flow.reads_files:
        return
    inputs = flow.draft.definition["inputs"]
    inputs.setdefault(_FILES, {"type": "files", "description": "Files of the message"})
    first = next((node for node in nodes if node["id"] == flow.start), None)
    if first is None:
        first = _values(flow.start, {})
        nodes.insert(0, first)
        edges += [edge(flow.start, root["id"]) for root in roots]
    gathered = flow.draft.fresh_id("message_files")
    values = ["{{" + _FILES + "}}", "{{sys.files}}"]
    nodes.insert(0, {"id": gathered, "type": "aggregate", "config": {"values": values}})
    nodes[0]["profile"] = PROFILE
    first["config"]["outputs"].setdefault(_FILES, "{{" + gathered + ".output}}")
    edges.insert(0, edge(gathered, flow.start))


def _choose(
    flow: Flow, roots: list[SourceNode], nodes: list[Node], edges: list[dict[str, str]]
) -> None:
    """Where a run may begin in several ways: the input `trigger` names the one it begins at."""
    entries = [(root, made.entry) for root in roots if (made := flow.made.get(root.id)) is not None]
    entries = [(root, entry) for root, entry in entries if root.type in _BEGINNINGS]
    if len(entries) < 2:  # noqa: PLR2004 -- one way is no choice
        return
    choice = flow.draft.fresh_id("beginning")
    names = [root.id for root, _ in entries]
    flow.draft.definition["inputs"]["trigger"] = {
        "type": "string",
        "default": names[0],
        "description": f"Where the run begins: {', '.join(names)}",
    }
    branches = [
        {"id": entry, "condition": {"left": "{{trigger}}", "operator": "is", "right": root.id}}
        for root, entry in entries[1:]
    ]
    selector = {"id": choice, "type": "selector", "config": {"branches": branches}}
    nodes.insert(0, {**selector, "profile": PROFILE})
    drawn = [edge(choice, entries[0][1], "else")]
    drawn += [edge(choice, entry, entry) for _, entry in entries[1:]]
    edges[:0] = drawn
    settings = flow.draft.definition.get("settings", {})
    for key, type_ in (("webhooks", "trigger-webhook"), ("schedules", "trigger-schedule")):
        ids = [root.id for root, _ in entries if root.type == type_]
        for one, root_id in zip(settings.get(key, ()), ids, strict=False):
            one["inputs"] = {**one.get("inputs", {}), "trigger": root_id}


_BEGINNINGS = ("start", "trigger-webhook", "trigger-schedule", "trigger-plugin")


def _values(node_id: str, outputs: dict[str, Any]) -> Node:
    return {"id": node_id, "type": "values", "config": {"outputs": outputs}, "profile": PROFILE}


def _note(node: SourceNode) -> dict[str, Any]:
    data = {key: value for key, value in node.data.items() if key in ("text", "author", "theme")}
    return {"id": node.id, "title": node.title, "position": node.position, **data}


def _report(flow: Flow, remarks: list[str]) -> None:
    """One line for each node of the source, in its order."""
    source = flow.source
    for number, node in enumerate(source.nodes.values()):
        made = flow.made.get(node.id)
        said = [node.remark] if node.remark else []
        result: Any = "mapped"
        if made is not None:
            said += made.reasons
            result = made.result
        elif node.type == NOTE:
            said.append("kept as a note")
        elif node.type in INNER_STARTS and node.id in flow.made:
            said.append("the first nodes inside are those that nothing leads to")
        else:
            said.append(_idle(source, node))
            result = "mapped" if node.type else "unsupported"
        noticed = [*source.lost.get(node.id, ()), *flow.scoping.remarks.get(node.id, ())]
        if result == "mapped" and (node.remark or noticed):
            result = "approximated"
        said += noticed
        if number == 0:
            said += remarks
            result = "approximated" if result == "mapped" and remarks else result
        flow.draft.line(node.id, node.written or node.type, result, "; ".join(said))
    for node_id, type_, why in source.strays:
        flow.draft.line(node_id, type_, "approximated", why)
    if not source.nodes and remarks:
        flow.draft.line("", "document", "approximated", "; ".join(remarks))


def _idle(source: Source, node: SourceNode) -> str:
    """Why a node is left out."""
    around = source.around(node)
    if around and node.type not in CONTAINERS:
        return f"nothing in {around[0]!r} leads to it, so it never runs: it is left out"
    return "nothing that begins a run leads to it, so it never runs: it is left out"
