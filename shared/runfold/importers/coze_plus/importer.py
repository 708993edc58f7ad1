"""Reads the guide's canvas as a definition."""

from __future__ import annotations

from typing import Any

from runfold.graph.definition import OUT
from runfold.importers.coze_plus.kinds import kind_named
from runfold.importers.coze_plus.shapes import Canvas, Node, read_canvas, recognises
from runfold.importers.coze_plus.step import Built, Step
from runfold.importers.coze_plus.values import escaped, reference, steps_of
from runfold.importers.draft import Draft, native_id
from runfold.importers.importer import Context, Importer
from runfold.importers.report import Imported

PROFILE = "coze"


def read(document: Any, context: Context) -> Imported:
    """A canvas, or one node by itself, as a definition with a line for each node."""
    canvas = read_canvas(document)
    name = document.get("name") if isinstance(document, dict) else None
    called = name if isinstance(name, str) and name else context.name
    entries = [node for node in canvas.nodes if node.type in ("Entry", "Start")]
    taken = tuple(name for entry in entries for name in entry.inputs)
    draft = Draft("coze_plus", native_id(called), called, taken)
    _variables(canvas, draft)
    keys = {node.key: node for node in canvas.nodes}
    for key in keys:
        draft.id_of(key)
    built = {key: _built(node, keys, draft, context) for key, node in keys.items()}
    nodes = [_native(node, built[node.key], draft) for node in canvas.nodes]
    for key in canvas.broken:
        draft.line(key, "", "approximated", "is no node, or the second of its key: it is left out")
    if not nodes:
        nodes = [{"id": "nothing", "type": "values", "config": {"outputs": {}}}]
    draft.definition |= {"nodes": nodes, "edges": _edges(canvas, built, draft)}
    return draft.imported()


def _built(node: Node, keys: dict[str, Node], draft: Draft, context: Context) -> Built:
    def refer(key: str, path: str) -> str:
        source, steps = keys.get(key), steps_of(path)
        if source is None:
            # What one node by itself is given from outside.
            name = native_id(str(steps[0])) if steps else ""
            name = name or "input"
            draft.definition.setdefault("inputs", {}).setdefault(name, {"type": "any"})
            return reference(name, steps[1:])
        if not steps:
            return reference(draft.id_of(key), ("output",))
        way = kind_named(source.type).outputs.get(str(steps[0]), steps[:1])
        return reference(draft.id_of(key), (*way, *steps[1:]))

    made = kind_named(node.type).build(Step(node, draft, context, refer))
    draft.line(node.key, node.type, made.result, made.reason)
    return made


def _native(node: Node, built: Built, draft: Draft) -> dict[str, Any]:
    native: dict[str, Any] = {"id": draft.id_of(node.key), "type": built.type, "name": node.key}
    native |= {"config": built.config, "profile": PROFILE}
    position = {
        axis: node.position[axis]
        for axis in ("x", "y")
        if isinstance(node.position.get(axis), int | float)
    }
    return native | ({"position": position} if position else {})


def _edges(canvas: Canvas, built: dict[str, Built], draft: Draft) -> list[dict[str, Any]]:
    edges: list[dict[str, Any]] = []
    for edge in canvas.edges:
        source, target = edge.get("source"), edge.get("target")
        if source not in built or target not in built:
            continue
        ports = built[source].ports
        port = ports.get(str(edge.get("sourcePort") or ""), ports.get("*", OUT) if ports else OUT)
        made = {"source": draft.id_of(str(source)), "target": draft.id_of(str(target))}
        made |= {} if port == OUT else {"port": port}
        if made not in edges:
            edges.append(made)
    return edges


def _variables(canvas: Canvas, draft: Draft) -> None:
    for one in canvas.variables:
        name = native_id(one["name"]) if isinstance(one.get("name"), str) else ""
        if name:
            value = one.get("default", one.get("value"))
            draft.definition.setdefault("variables", {})[name] = escaped(value)


IMPORTER = Importer("coze_plus", recognises, read)
