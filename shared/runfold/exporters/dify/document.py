"""The document of a definition: a new one, or the original with what changed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from runfold.exporters.added import lines_of_added
from runfold.exporters.dify.declared import secret, secrets_of, variables
from runfold.exporters.dify.edges import drawn_of, patched_edges
from runfold.exporters.dify.layout import layout
from runfold.exporters.dify.nodes import Nodes, start_of
from runfold.exporters.dify.view import View
from runfold.exporters.exporter import Exported, ExportLine, Side
from runfold.importers.dify.node_types import CONTAINERS, INNER_STARTS
from runfold.importers.dify.reading import list_at, object_at, text_at
from runfold.importers.dify.recognise import mode_of
from runfold.importers.dify.source import Source, read_source
from runfold.importers.fingerprints import changed

_VERSION = "0.3.0"
_CHATS = "advanced-chat"
_AROUND = ("settings", "workflows", "variables", "labels", "closed_inputs")
"""Keys of a definition that no document of Dify has a place for."""


def write(now: Side, before: Side | None, original: Any) -> Exported:
    """The document of a definition, and a line for each node."""
    has_graph = isinstance(original, dict) and bool(_graph(original).get("nodes"))
    if before is None or not has_graph:
        alone = Side(now.definition, now.flat, {one: one for one in now.flat.nodes})
        return _new(alone, lost=original is not None)
    document = deepcopy(original)
    mode = mode_of(original)
    source = read_source(original, mode)
    types = {node.id: node.type for node in source.nodes.values()}
    chats = mode == _CHATS
    views = [View(one, types, before, chats=chats) for one in (now, before)]
    graph = _graph(document)
    originals = _entries(graph)
    unchanged = frozenset(now.flat.nodes) - set(changed(now.definition))
    nodes = Nodes(views[0], views[1], originals, unchanged)
    nodes.write(layout(now.flat))
    starts = _starts(source)
    gone = _gone(nodes, source, views[1])
    rest = {key: one for key, one in originals.items() if key not in gone}
    made = {**rest, **nodes.made, **_inner_starts(nodes.made, originals)}
    if views[0].is_start_added and not views[1].is_start_added:
        made[views[0].start] = _started(views[0])
    edges = [drawn_of(view, starts) for view in (views[1], views[0])]
    graph["nodes"] = _in_place(graph, made, gone)
    graph["edges"] = patched_edges(
        list_at(graph, "edges"), edges[0], edges[1], made, frozenset(gone)
    )
    _declare(document, before, now)
    lines = [*nodes.lines, *lines_of_added(now, before), *_others(source, nodes, gone)]
    lines += _around(now, before)
    return Exported(document, tuple(lines))


def _new(now: Side, *, lost: bool) -> Exported:
    """A document of a definition that has none, or whose original has no graph."""
    kinds = {one.node.type for one in now.flat.nodes.values()}
    chats = "answer" in kinds and "end" not in kinds
    view = View(now, {}, None, chats=chats)
    nodes = Nodes(view, None, {}, frozenset())
    nodes.write(layout(now.flat))
    made = {**nodes.made, **_inner_starts(nodes.made, {})}
    if view.is_start_added:
        made = {view.start: _started(view), **made}
    edges = patched_edges([], {}, drawn_of(view, {}), made, frozenset())
    document = _skeleton(now.definition, _CHATS if chats else "workflow")
    document["workflow"]["graph"] |= {"nodes": list(made.values()), "edges": edges}
    _declare(document, None, now)
    lines = [*nodes.lines, *_around(now, None)]
    if lost:
        lines.append(
            ExportLine("", "document", "written", "the original has no graph: this is a new one")
        )
    return Exported(document, tuple(lines))


def _skeleton(definition: dict[str, Any], mode: str) -> dict[str, Any]:
    return {
        "kind": "app",
        "version": _VERSION,
        "app": {
            "name": str(definition.get("name") or definition.get("id") or "workflow"),
            "description": str(definition.get("description") or ""),
            "mode": mode,
            "icon": "🤖",
            "icon_background": "#FFEAD5",
            "use_icon_as_answer_icon": False,
        },
        "dependencies": [],
        "workflow": {
            "conversation_variables": [],
            "environment_variables": [],
            "features": {},
            "graph": {"nodes": [], "edges": [], "viewport": {"x": 0, "y": 0, "zoom": 1}},
        },
    }


def _workflow(document: dict[str, Any]) -> dict[str, Any]:
    written = document.get("workflow")
    return written if isinstance(written, dict) and written else document


def _graph(document: dict[str, Any]) -> dict[str, Any]:
    workflow = _workflow(document)
    written = workflow.get("graph")
    return written if isinstance(written, dict) and written else workflow


def _entries(graph: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Id → node of the original; of two with one id the first, which is the one that is read."""
    found: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(list_at(graph, "nodes")):
        if isinstance(one, dict):
            found.setdefault(text_at(one, "id") or f"nodes[{number}]", one)
    return found


def _in_place(graph: dict[str, Any], made: dict[str, dict[str, Any]], gone: set[str]) -> list[Any]:
    """The nodes in the order of the original, with new ones at the end."""
    left = dict(made)
    found: list[Any] = []
    for number, one in enumerate(list_at(graph, "nodes")):
        node_id = text_at(one, "id") or f"nodes[{number}]"
        if node_id in left:
            found.append(left.pop(node_id))
        elif node_id not in gone:
            found.append(one)
    return [*found, *left.values()]


def _gone(nodes: Nodes, source: Source, before: View) -> set[str]:
    """Ids of what the document no longer has: removed, not exported, or inside of such."""
    gone = {one for one in before.groups() if one not in nodes.made}
    while True:
        inner = {one.id for one in source.nodes.values() if one.parent in gone} - gone
        if not inner:
            return gone
        gone |= inner


def _starts(source: Source) -> dict[str, str]:
    """Container → the node at which its inside begins."""
    found: dict[str, str] = {}
    for node in source.nodes.values():
        if node.type in INNER_STARTS and node.parent:
            found.setdefault(node.parent, node.id)
    return found


def _inner_starts(
    made: dict[str, dict[str, Any]], originals: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The nodes at which the insides of new containers begin."""
    found: dict[str, dict[str, Any]] = {}
    for node_id, node in made.items():
        type_ = text_at(node.get("data"), "type")
        if type_ not in CONTAINERS or node_id in originals:
            continue
        data: dict[str, Any] = {"type": f"{type_}-start", "title": "", "desc": ""}
        data |= {"isInIteration": type_ == "iteration", "isInLoop": type_ == "loop"}
        found[start_of(node_id)] = {
            "id": start_of(node_id),
            "type": f"custom-{type_}-start",
            "parentId": node_id,
            "position": {"x": 24, "y": 68},
            "draggable": False,
            "selectable": False,
            "zIndex": 1002,
            "width": 44,
            "height": 48,
            "data": data,
        }
    return found


def _started(view: View) -> dict[str, Any]:
    position = {"x": 80, "y": 240}
    data = {"type": "start", "title": "Start", "desc": "", "selected": False, **view.begun()}
    return {"id": view.start, "type": "custom", "position": position, "data": data}


def _declare(document: dict[str, Any], before: Side | None, now: Side) -> None:
    """Put what is declared beside the nodes into the document."""
    then: dict[str, Any] = before.definition if before else {}
    workflow = _workflow(document)
    for key, here, kind in (
        ("environment_variables", "environment", "env"),
        ("conversation_variables", "conversation", "conversation"),
    ):
        given = now.definition.get(here) or {}
        earlier = then.get(here) or {}
        if given != earlier:
            workflow[key] = variables(list_at(workflow, key), earlier, given, kind)
    known = {text_at(one, "name") for one in list_at(workflow, "environment_variables")}
    earlier_secrets = secrets_of(then)
    new = [one for one in secrets_of(now.definition) if one not in (*known, *earlier_secrets)]
    if new:
        declared = list_at(workflow, "environment_variables")
        workflow["environment_variables"] = [*declared, *map(secret, new)]
    app = object_at(document, "app")
    for key in ("name", "description"):
        if before is not None and then.get(key) != now.definition.get(key):
            document["app"] = app = {**app, key: now.definition.get(key) or ""}


def _others(source: Source, nodes: Nodes, gone: set[str]) -> list[ExportLine]:
    """Lines of what no native node stands for: notes, inner starts, what never runs."""
    return [
        ExportLine(node.id, node.type or node.written, "kept")
        for node in source.nodes.values()
        if node.id not in nodes.made and node.id not in gone
    ]


def _around(now: Side, before: Side | None) -> list[ExportLine]:
    """Lines of what stands around the nodes and has no place in a document."""
    then: dict[str, Any] = before.definition if before else {}
    found = []
    for key in _AROUND:
        value = now.definition.get(key)
        if key == "variables":
            value = _own_variables(now)
            then = {**then, key: _own_variables(before) if before else None}
        if value not in (None, {}, [], False) and value != then.get(key):
            found.append(ExportLine("", key, "not_exported", f"Dify has no place for `{key}`"))
    return found


def _own_variables(side: Side) -> dict[str, Any] | None:
    """Variables that are no empty beginnings of inputs, as an import declares them."""
    inputs = side.definition.get("inputs") or {}
    written = side.definition.get("variables") or {}
    own = {
        name: value
        for name, value in written.items()
        if not (name in inputs and value in (None, [])) and value != {"open": "{"}
    }
    return own or None
