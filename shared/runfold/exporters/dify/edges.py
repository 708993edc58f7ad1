"""The edges of a definition as edges between nodes of Dify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from runfold.exporters.dify.kind import handle_of
from runfold.exporters.dify.nodes import start_of
from runfold.exporters.dify.view import View
from runfold.importers.dify.node_types import CONTAINERS
from runfold.importers.dify.reading import text_at
from runfold.importers.dify.source import SOURCE


class Drawn(NamedTuple):
    """One edge."""

    source: str
    handle: str
    target: str


def drawn_of(view: View, starts: Mapping[str, str]) -> dict[Drawn, str]:
    """The edges of a definition, each with the container that it is in.

    Args:
        view: The definition.
        starts: Container → id of the node at which its inside begins.
    """
    flat, sources = view.flat, view.side.sources
    found: dict[Drawn, str] = {}
    led: set[str] = set()
    for edge in flat.edges:
        source, target = sources.get(edge.source, ""), sources.get(edge.target, "")
        if not source or not target or source == target or edge.source not in flat.nodes:
            continue
        around = [sources.get(one.id, one.id) for one in flat.around(edge.target)]
        if source in around:
            continue  # from a node that an import put into the container, for its item
        node = flat.nodes[edge.source].node
        handle = handle_of(view.kinds.get(edge.source), node, edge.port)
        found[Drawn(source, handle, target)] = around[0] if around else ""
        led.add(target)
    for native, placed in flat.nodes.items():
        target = sources.get(native, "")
        container = sources.get(placed.within, "") if placed.within else ""
        if not target or target in led or target == container:
            continue
        if container and flat.nodes[placed.within].node.type in CONTAINERS:
            begin = starts.get(container) or start_of(container)
            found[Drawn(begin, SOURCE, target)] = container
        elif view.is_start_added and not placed.within:
            found[Drawn(view.start, SOURCE, target)] = ""
    return found


def patched_edges(
    original: list[Any],
    before: Mapping[Drawn, str],
    now: Mapping[Drawn, str],
    nodes: Mapping[str, dict[str, Any]],
    gone: frozenset[str],
) -> list[Any]:
    """The edges of the original without those that are gone, and with those that are new.

    Args:
        original: The edges of the original.
        before: The edges as they were imported.
        now: The edges as they are.
        nodes: The nodes of the document by their ids.
        gone: Ids of nodes that the document no longer has.
    """
    kept = [one for one in original if not _is_dropped(_drawn(one), before, now, gone)]
    added = [one for one in now if one not in before]
    known = {_drawn(one) for one in kept}
    drawn = [one for one in added if one not in known and {one.source, one.target} <= set(nodes)]
    return [*kept, *(_edge(one, nodes, now[one]) for one in drawn)]


def _is_dropped(
    one: Drawn, before: Mapping[Drawn, str], now: Mapping[Drawn, str], gone: frozenset[str]
) -> bool:
    if one.source in gone or one.target in gone:
        return True
    if one in before:
        return one not in now
    # A handle that Dify does not have was read as another one: the ends tell which edge it is.
    same = [each for each in before if (each.source, each.target) == (one.source, one.target)]
    return bool(same) and all(each not in now for each in same)


def _drawn(edge: Any) -> Drawn:
    handle = text_at(edge, "sourceHandle", "source_handle") or SOURCE
    return Drawn(text_at(edge, "source"), handle, text_at(edge, "target"))


def _edge(one: Drawn, nodes: Mapping[str, dict[str, Any]], container: str) -> dict[str, Any]:
    parent = nodes.get(container, {})
    type_ = text_at(parent.get("data"), "type")
    data: dict[str, Any] = {
        "sourceType": text_at(nodes[one.source].get("data"), "type"),
        "targetType": text_at(nodes[one.target].get("data"), "type"),
        "isInIteration": type_ == "iteration",
        "isInLoop": type_ == "loop",
    }
    if container:
        data["loop_id" if type_ == "loop" else "iteration_id"] = container
    return {
        "id": f"{one.source}-{one.handle}-{one.target}-target",
        "source": one.source,
        "sourceHandle": one.handle,
        "target": one.target,
        "targetHandle": "target",
        "type": "custom",
        "zIndex": 1002 if container else 0,
        "data": data,
    }
