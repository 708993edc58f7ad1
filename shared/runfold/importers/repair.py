"""Makes a definition fit to be stored, also where an importer missed something.

A node that the checks refuse becomes a placeholder, an edge or a setting that they refuse goes:
each is said in the report. Nothing else about the definition changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from runfold.graph.definition import OUT, Finding
from runfold.graph.loader import load_workflow
from runfold.importers.draft import MAX_ID, native_id, placeholder
from runfold.importers.report import Line

_STEP = re.compile(r"\[(\d+)\]|\[([^\]]+)\]|([^.\[\]]+)")
_OF_IDS = frozenset(("node.id", "node.duplicate_id", "node.reserved_id"))
"""Findings that another id mends."""
_ROOM_FOR_NUMBER = MAX_ID - 8
_MOST = 200
"""Rounds of mending: each mends all that one check has found."""


def repair(definition: dict[str, Any], lines: list[Line]) -> None:
    """Mend a definition in place until the checks have no error, and say so in the report."""
    for _ in range(_MOST):
        errors = _errors(definition)
        if not errors:
            return
        mended: set[int] = set()
        before = len(lines)
        for error in errors:
            _mend(definition, error, lines, mended)
        if not mended and len(lines) == before:
            break
    # Nothing that was tried helps: what is left is a definition that says so.
    errors = _errors(definition)
    if errors:
        _give_up(definition, errors[0], lines)


def _errors(definition: dict[str, Any]) -> list[Finding]:
    document = {key: value for key, value in definition.items() if key != "origin"}
    return [one for one in load_workflow(document).findings if one.level == "error"]


def _give_up(definition: dict[str, Any], error: Finding, lines: list[Line]) -> None:
    """Leave one placeholder of the whole document."""
    ids = [str(node.get("id")) for node in nodes_in(definition)]
    reason = f"the definition does not pass the checks: {error.message}"
    lines[:] = [Line(line.node, line.type, "unsupported", reason) for line in lines]
    definition["nodes"] = [placeholder(ids[0] if ids else "imported", "the document", reason)]
    definition["edges"] = []
    for key in set(definition) - {"id", "name", "nodes", "edges", "origin"}:
        del definition[key]


def nodes_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of a definition, those of bodies and of its workflows included."""
    if isinstance(value, list):
        for one in value:
            yield from nodes_in(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "nodes" and isinstance(inner, list):
                yield from (node for node in inner if isinstance(node, dict))
            if key != "origin":
                yield from nodes_in(inner)


def _mend(definition: dict[str, Any], error: Finding, lines: list[Line], mended: set[int]) -> None:
    """Mend one thing: the innermost node that the finding is in, or the edge, or the setting."""
    steps = [
        int(index) if index else name or plain for index, name, plain in _STEP.findall(error.path)
    ]
    trail: list[tuple[Any, Any]] = [(definition, "")]
    here: Any = definition
    for step in steps:
        here = _inside(here, step)
        if here is None:
            break
        trail.append((here, step))
    nodes = [at for at in range(2, len(trail)) if _is_member(trail, at, "nodes")]
    edges = [at for at in range(2, len(trail)) if _is_member(trail, at, "edges")]
    if edges and (not nodes or edges[-1] > nodes[-1]):
        _drop(trail[edges[-1] - 1][0], trail[edges[-1]][0], mended)
    elif nodes:
        at = nodes[-1]
        graph, node = trail[at - 2][0], trail[at][0]
        if not isinstance(node, dict):
            node = trail[at - 1][0][trail[at][1]] = {"id": "unnamed", "type": str(node)[:100]}
        if id(node) in mended:
            return
        mended.add(id(node))
        if error.code in _OF_IDS:
            _rename(definition, graph, node, error, lines)
        else:
            _replace(definition, graph, node, error, lines)
    elif steps and steps[0] in definition and steps[0] not in ("id", "nodes"):
        del definition[str(steps[0])]
        lines.append(Line("", "document", "approximated", _said(error)))
    elif steps and steps[0] == "id":
        definition["id"] = "imported"
        mended.add(id(definition))


def _inside(value: Any, step: int | str) -> Any:
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    if isinstance(value, dict):
        return value.get(str(step))
    return None


def _is_member(trail: list[tuple[Any, Any]], at: int, of: str) -> bool:
    return trail[at - 1][1] == of and isinstance(trail[at - 1][0], list)


def _drop(edges: list[Any], edge: Any, mended: set[int]) -> None:
    if id(edge) not in mended:
        mended.add(id(edge))
        edges[:] = [one for one in edges if one is not edge]


def _rename(
    definition: dict[str, Any],
    graph: dict[str, Any],
    node: dict[str, Any],
    error: Finding,
    lines: list[Line],
) -> None:
    """Give a node an id that can be used; edges go with it, unless another node has the old one."""
    before = node.get("id")
    taken = {str(one.get("id")) for one in nodes_in(definition)}
    base = (native_id(str(before or "")) or "node")[:_ROOM_FOR_NUMBER].strip("_") or "node"
    numbered = (f"{base}_{number}" for number in count(2))
    node["id"] = next(one for one in numbered if one not in taken)
    edges = graph.get("edges")
    if error.code != "node.duplicate_id":
        for edge in edges if isinstance(edges, list) else ():
            for end in ("source", "target"):
                if isinstance(edge, dict) and edge.get(end) == before:
                    edge[end] = node["id"]
    sources = definition.setdefault("origin", {}).setdefault("nodes", {})
    source = sources.get(str(before), str(before))
    sources[node["id"]] = source
    reason = f"it is called {node['id']} here: {error.message}"
    for at, line in enumerate(lines):
        if line.node == source and line.result == "mapped":
            lines[at] = Line(line.node, line.type, "approximated", reason)


def _replace(
    definition: dict[str, Any],
    graph: dict[str, Any],
    node: dict[str, Any],
    error: Finding,
    lines: list[Line],
) -> None:
    node_id = str(node.get("id", ""))
    sources = definition.get("origin", {}).get("nodes", {})
    inner = [str(one.get("id", "")) for one in nodes_in(node.get("config", {}))]
    for gone in (node_id, *inner):
        _unsupported(lines, sources.get(gone, gone), error)
    if node.get("type") == "placeholder" and "parameters" not in node.get("config", ()):
        # Even that was refused, with nothing in it but words: it goes.
        graph["nodes"] = [one for one in graph["nodes"] if one is not node]
        return
    instead = placeholder(
        node_id or "unnamed",
        str(node.get("type", "node")),
        _said(error),
        name=str(node.get("name", "")),
        parameters=node["config"] if isinstance(node.get("config"), dict) else None,
        ports=_ports(graph, node_id),
    )
    if node.get("type") == "placeholder":
        # Even that was refused: what it carries is what is wrong with it.
        instead["config"].pop("parameters", None)
    if isinstance(node.get("position"), dict):
        instead["position"] = node["position"]
    node.clear()
    node.update(instead)


def _ports(graph: Any, node_id: str) -> tuple[str, ...]:
    edges = graph.get("edges", ()) if isinstance(graph, dict) else ()
    named = [
        str(edge.get("port") or OUT)
        for edge in edges
        if isinstance(edge, dict) and edge.get("source") == node_id
    ]
    return tuple(dict.fromkeys(port for port in named if port not in (OUT, "error")))


def _unsupported(lines: list[Line], node: str, error: Finding) -> None:
    for at, line in enumerate(lines):
        if line.node == node and line.result != "unsupported":
            lines[at] = Line(line.node, line.type, "unsupported", _said(error))


def _said(error: Finding) -> str:
    hint = f" ({error.hint})" if error.hint else ""
    return f"{error.message}{hint}"
