"""The original of an import with what changed of it since."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from runfold.exporters.added import lines_of_added
from runfold.exporters.exporter import Exported, ExportLine, Side
from runfold.exporters.n8n.connections import links_of, pairs_of, patched_connections
from runfold.exporters.n8n.groups import Group, groups_of, named
from runfold.exporters.n8n.nodes import changed_node, new_node
from runfold.exporters.writing import NotMappable
from runfold.importers.fingerprints import changed
from runfold.importers.n8n.document import read_document
from runfold.importers.n8n.shapes import workflows_in

_WRAPPERS = ("workflow", "data", "workflowData", "template")
_AROUND = ("settings", "workflows", "labels", "inputs", "environment", "conversation")


def write(now: Side, before: Side | None, original: Any) -> Exported:
    """The workflow of a definition, and a line for each node."""
    document = deepcopy(original)
    workflow = _workflow(document)
    if before is None or workflow is None:
        why = "only what was imported from n8n is written for it"
        lines = [
            ExportLine(native, placed.node.type, "not_exported", why)
            for native, placed in now.flat.nodes.items()
        ]
        return Exported({"name": "", "nodes": [], "connections": {}}, tuple(lines))
    read = read_document(workflows_in(original)[0], "")
    places = {name: at for at, name in zip(_indexes(workflow), read.nodes, strict=False)}
    now = named(now, frozenset(places))
    groups, earlier = groups_of(now), groups_of(before)
    unchanged = frozenset(now.flat.nodes) - set(changed(now.definition))
    nodes = workflow["nodes"]
    lines = []
    added: list[dict[str, Any]] = []
    for name, group in groups.items():
        if name in earlier and name not in places and group.nodes == earlier[name].nodes:
            continue  # where an import of what has no trigger begins
        line, node = _written(name, group, earlier, nodes, places, unchanged)
        lines.append(line)
        if node is not None and name in places:
            nodes[places[name]] = node
        elif node is not None:
            added.append(node)
    failed = {line.node for line in lines if line.result == "not_exported"}
    removed = {name for name in earlier if name not in groups}
    gone = frozenset(one for one in (*failed, *removed))
    links = [links_of(one, side) for one, side in ((earlier, before), (groups, now))]
    lines += _unwired(now, before, links)
    titles = frozenset(_title(nodes, places, one) for one in gone)
    workflow["connections"] = patched_connections(
        workflow.get("connections"), links[0], links[1], titles
    )
    dropped = {places[one] for one in gone if one in places}
    workflow["nodes"] = [*(one for at, one in enumerate(nodes) if at not in dropped), *added]
    lines += [
        ExportLine(name, "", "kept") for name in places if name not in groups and name not in gone
    ]
    lines += [*lines_of_added(now, before), *_around(workflow, now, before)]
    return Exported(document, tuple(lines))


def _workflow(document: Any) -> dict[str, Any] | None:
    """The workflow in a document, to be changed in place; None for a shape that has no such."""
    for _ in range(5):
        if not isinstance(document, dict):
            return None
        if isinstance(document.get("nodes"), list) and "connections" in document:
            return document
        document = next((document[one] for one in _WRAPPERS if one in document), None)
    return None


def _indexes(workflow: dict[str, Any]) -> list[int]:
    return [at for at, one in enumerate(workflow["nodes"]) if isinstance(one, dict)]


def _title(nodes: list[Any], places: dict[str, int], name: str) -> str:
    return str(nodes[places[name]].get("name", name)) if name in places else name


def _written(
    name: str,
    group: Group,
    earlier: dict[str, Group],
    nodes: list[Any],
    places: dict[str, int],
    unchanged: frozenset[str],
) -> tuple[ExportLine, dict[str, Any] | None]:
    """The line of one node, and the node; None for one that is not exported."""
    kind = group.nodes[group.main].node.type
    then = earlier.get(name)
    try:
        if then is not None and name not in places:
            message = "an import adds it, and no node of the document stands for it"
            raise NotMappable(message)  # noqa: TRY301 -- as the others
        if then is None:
            return ExportLine(name, kind, "written"), new_node(group)
        original = nodes[places[name]]
        if then.nodes == group.nodes or unchanged >= set(group.nodes) == set(then.nodes):
            return ExportLine(name, kind, "kept"), original
        return ExportLine(name, kind, "written"), changed_node(original, then, group)
    except NotMappable as error:
        return ExportLine(name, kind, "not_exported", str(error)), None


def _unwired(now: Side, before: Side, links: list[dict[Any, None]]) -> list[ExportLine]:
    """Lines of nodes to which an edge came or went, and no items with it."""
    pairs = [dict.fromkeys((one.source, one.target) for one in each) for each in links]
    drawn = [pairs_of(before), pairs_of(now)]
    found = {}
    for pair in drawn[1]:
        if pair not in drawn[0] and pair not in pairs[1]:
            found[pair] = "no items come by it: name them in `inputs`"
    for pair in drawn[0]:
        if pair not in drawn[1] and pair in pairs[1] and pair in pairs[0]:
            found[pair] = "its items still come: take them out of `inputs`"
    return [
        ExportLine(target, "edge", "not_exported", f"the edge from {source!r}: {why}")
        for (source, target), why in found.items()
    ]


def _around(workflow: dict[str, Any], now: Side, before: Side) -> list[ExportLine]:
    """Put name and time limit into the workflow; lines of what else changed around the nodes."""
    then, here = before.definition, now.definition
    for key in ("name", "description"):
        if here.get(key) != then.get(key):
            workflow[key] = here.get(key) or ""
    earlier, settings = dict(then.get("settings") or {}), dict(here.get("settings") or {})
    if earlier.pop("timeout", None) != settings.get("timeout"):
        held = workflow.get("settings")
        workflow["settings"] = {**(held if isinstance(held, dict) else {})}
        workflow["settings"]["executionTimeout"] = settings.get("timeout") or -1
    settings.pop("timeout", None)
    pairs: dict[str, tuple[Any, Any]] = {key: (then.get(key), here.get(key)) for key in _AROUND}
    pairs["settings"] = (earlier, settings)
    return [
        ExportLine("", key, "not_exported", f"n8n has no place for `{key}` as it is now")
        for key, (one, other) in pairs.items()
        if (one or None) != (other or None)
    ]
