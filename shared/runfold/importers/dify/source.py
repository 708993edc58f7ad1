"""A document of Dify taken apart: nodes, edges and declarations, of any age and in any state."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from runfold.importers.dify.node_types import CONTAINERS, type_of, written_type
from runfold.importers.dify.reading import list_at, object_at, objects_at, text_at

SOURCE = "source"
"""The handle of a node that does not branch."""
FAIL_BRANCH = "fail-branch"
"""The handle at which failures go on, and the error strategy that has it."""
_OLDER = {"success-branch": SOURCE, "success": SOURCE, "exception": FAIL_BRANCH}
"""What the two handles of a node with that strategy were called."""


class SourceNode(msgspec.Struct, frozen=True):
    """One node of the source."""

    id: str
    type: str
    """Empty when Dify has no such type."""
    written: str
    """The type as the document spells it."""
    title: str
    data: dict[str, Any]
    parent: str = ""
    """The container that it is in."""
    position: dict[str, Any] = {}
    remark: str = ""
    """What is to be said about how it was read."""


class SourceEdge(NamedTuple):
    """One edge of the source."""

    source: str
    target: str
    handle: str


class Source(msgspec.Struct, frozen=True):
    """A graph and what is declared around it."""

    nodes: dict[str, SourceNode]
    edges: tuple[SourceEdge, ...]
    remarks: tuple[str, ...]
    """What is to be said about the graph as a whole."""
    lost: dict[str, list[str]]
    """Id of a node → what is to be said about its edges."""
    strays: tuple[tuple[str, str, str], ...]
    """`(id, type, why)` of entries that cannot be nodes of their own."""
    mode: str
    features: dict[str, Any]
    environment: list[dict[str, Any]]
    conversation: list[dict[str, Any]]
    pipeline: list[dict[str, Any]]

    def within(self, container: str) -> list[SourceNode]:
        """The nodes of a container; of the graph itself by an empty id."""
        return [node for node in self.nodes.values() if node.parent == container]

    def around(self, node: SourceNode) -> list[str]:
        """The containers around a node, the innermost first."""
        found: list[str] = []
        while node.parent and node.parent not in found:
            found.append(node.parent)
            node = self.nodes[node.parent]
        return found


def read_source(document: dict[str, Any], mode: str) -> Source:
    """The graph of a document that has one."""
    workflow = object_at(document, "workflow") or document
    graph = object_at(workflow, "graph") or workflow
    nodes, strays = _nodes(graph)
    edges, remarks, lost = _edges(graph, nodes)
    return Source(
        nodes=nodes,
        edges=edges,
        remarks=tuple(remarks),
        lost=lost,
        strays=tuple(strays),
        mode=mode,
        features=object_at(workflow, "features"),
        environment=objects_at(workflow, "environment_variables"),
        conversation=objects_at(workflow, "conversation_variables"),
        pipeline=objects_at(workflow, "rag_pipeline_variables"),
    )


def _nodes(graph: dict[str, Any]) -> tuple[dict[str, SourceNode], list[tuple[str, str, str]]]:
    found: dict[str, SourceNode] = {}
    strays: list[tuple[str, str, str]] = []
    for number, entry in enumerate(list_at(graph, "nodes")):
        if not isinstance(entry, dict):
            strays.append((f"nodes[{number}]", "", "it is not an object, so it is left out"))
            continue
        node = _node(entry, number)
        if node.id in found:
            why = "a second node with this id: Dify keeps one of them, so this one is left out"
            strays.append((node.id, node.written, why))
            continue
        found[node.id] = node
    return _with_parents(found), strays


def _node(entry: dict[str, Any], number: int) -> SourceNode:
    data = object_at(entry, "data") or object_at({"data": entry}, "data")
    written = written_type(entry, data)
    type_, remark = type_of(written)
    parents = (
        text_at(entry, "parentId", "parent_id"),
        text_at(data, "loop_id"),
        text_at(data, "iteration_id"),
    )
    return SourceNode(
        id=text_at(entry, "id") or f"nodes[{number}]",
        type=type_,
        written=written,
        title=text_at(data, "title") or text_at(entry, "title"),
        data=data,
        parent="\n".join(parents),
        position=object_at(entry, "position"),
        remark=remark,
    )


def _with_parents(nodes: dict[str, SourceNode]) -> dict[str, SourceNode]:
    """The nodes, each with the one container that it is in."""
    chosen: dict[str, str] = {}
    for node in nodes.values():
        named = (one for one in node.parent.split("\n") if one in nodes and one != node.id)
        chosen[node.id] = next((one for one in named if nodes[one].type in CONTAINERS), "")
    for node_id, parent in list(chosen.items()):
        seen, above = {node_id}, parent
        while above and above not in seen:
            seen.add(above)
            above = chosen[above]
        if above:  # containers inside one another in a circle
            chosen[node_id] = ""
    return {
        node.id: msgspec.structs.replace(node, parent=chosen[node.id]) for node in nodes.values()
    }


def _handle(node: SourceNode, written: str) -> str:
    """The handle of an edge; of a node with a branch for failures also by its older names."""
    strategy = text_at(node.data, "error_strategy").strip().lower().replace("_", "-")
    return _OLDER.get(written, written) if strategy == FAIL_BRANCH else written


def _edges(
    graph: dict[str, Any], nodes: dict[str, SourceNode]
) -> tuple[tuple[SourceEdge, ...], list[str], dict[str, list[str]]]:
    found: dict[SourceEdge, None] = {}
    remarks: list[str] = []
    lost: dict[str, list[str]] = {}
    for number, entry in enumerate(list_at(graph, "edges")):
        source, target = text_at(entry, "source"), text_at(entry, "target")
        handle = text_at(entry, "sourceHandle", "source_handle") or SOURCE
        ends = [one for one in (source, target) if one in nodes]
        if len(ends) == len((source, target)):
            found[SourceEdge(source, target, _handle(nodes[source], handle))] = None
        elif ends:
            other = target if ends[0] == source else source
            said = f"an edge between it and {other!r}, which is not there, is left out"
            lost.setdefault(ends[0], []).append(said)
        else:
            remarks.append(f"edge {number} leads between nodes that are not there: left out")
    return tuple(found), remarks, lost
