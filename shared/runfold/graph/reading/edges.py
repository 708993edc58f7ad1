"""The edges of a document: as written in any of their spellings, or as the nodes' order implies."""

from __future__ import annotations

from typing import Any

from runfold.graph.definition import OUT, Edge, Node
from runfold.graph.findings import Findings
from runfold.graph.kinds.human_review import APPROVED
from runfold.graph.reading.compensation import compensation_nodes

_KEYS = {
    "source": "source",
    "from": "source",
    "target": "target",
    "to": "target",
    "port": "port",
    "condition": "port",
    "sourcePort": "port",
    "source_port": "port",
    "id": "",
}
ENDINGS = ("end", "compensate")
"""Types of node after which nothing comes."""
_BRANCHES = (("true_next", "true"), ("false_next", "false"))


def read_edges(
    documents: Any, nodes: tuple[Node, ...], path: str, found: Findings
) -> tuple[Edge, ...]:
    """The edges as written, or, when none are written, as the order of the nodes implies.

    Where a condition names its `true_next` and `false_next`, those are edges too. An edge that
    cannot be read keeps its place, without ends.
    """
    prefix = f"{path}." if path else ""
    written = isinstance(documents, list)
    if documents is not None and not written:
        found.error("document.edges", f"{prefix}edges", "edges must be a list")
    reviews = {node.id for node in nodes if node.type == "human_review"}
    edges = [
        _read_edge(document, reviews, f"{prefix}edges[{index}]", found)
        for index, document in enumerate(documents if written else ())
    ]
    branches = _named_branches(nodes, edges, prefix, found)
    inferred = (
        branches
        if written
        else sorted(branches + _implied(nodes, branches, prefix), key=lambda one: one[0])
    )
    for index, (_, edge, origin) in enumerate(inferred, start=len(edges)):
        found.came_from(f"{prefix}edges[{index}]", origin, whole=True)
        if documents is None:
            port = "" if edge.port == OUT else f" at {edge.port}"
            message = f"{edge.source} → {edge.target}{port}"
            found.info("edge.inferred", f"{prefix}edges", message)
    return (*edges, *(edge for _, edge, _ in inferred))


def _read_edge(document: Any, reviews: set[str], path: str, found: Findings) -> Edge:
    if not isinstance(document, dict):
        found.error("document.edge", path, "an edge must be an object with source and target")
        return Edge("", "")
    fields: dict[str, str] = {}
    for key, value in document.items():
        if key not in _KEYS:
            hint = found.nearest(key, _KEYS)
            found.error("edge.unknown_key", f"{path}.{key}", f"an edge has no {key!r}", hint)
        elif isinstance(value, dict | list) and _KEYS[key]:
            found.error(f"edge.{_KEYS[key]}", f"{path}.{key}", f"{key} must be text")
        elif value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            other = fields.setdefault(_KEYS[key], text)
            if _KEYS[key] and other != text:
                message = f"{key} is {text!r}, but the edge's {_KEYS[key]} is {other!r} already"
                found.error("edge.contradiction", f"{path}.{key}", message, "say it in one place")
    for name in ("source", "target"):
        if not fields.get(name):
            found.error(f"edge.{name}", f"{path}.{name}", f"an edge needs a {name}")
    source, target = fields.get("source", ""), fields.get("target", "")
    return Edge(source, target, fields.get("port") or (APPROVED if source in reviews else OUT))


_Inferred = tuple[int, Edge, str]
"""The source's place among the nodes, the edge, and what of the document says so."""


def _named_branches(
    nodes: tuple[Node, ...], edges: list[Edge], prefix: str, found: Findings
) -> list[_Inferred]:
    """Edges for `true_next` and `false_next`, which leave the configuration by this."""
    present: dict[tuple[str, str], set[str]] = {}
    for edge in edges:
        present.setdefault((edge.source, edge.port), set()).add(edge.target)
    named = []
    for place, node in enumerate(nodes):
        for key, port in _BRANCHES:
            target = node.config.pop(key, None) if node.type == "condition" else None
            path = f"{prefix}nodes[{place}].config.{key}"
            if target is None or target == "":
                continue
            targets = present.get((node.id, port), set())
            if isinstance(target, bool | dict | list):
                found.error("edge.target", path, f"{key} must be a node's id, not {target!r}")
            elif not targets:
                named.append((place, Edge(node.id, str(target), port), path))
            elif str(target) not in targets:
                there = ", ".join(sorted(targets))
                message = f"{key} is {target!r}, but the edge at {port!r} leads to {there!r}"
                found.error("edge.contradiction", path, message, "say it in one place")
    return named


def _implied(nodes: tuple[Node, ...], branches: list[_Inferred], prefix: str) -> list[_Inferred]:
    """Each node leads to the next listed one that is no branch's target."""
    targets = {edge.target for _, edge, _ in branches}
    branching = {edge.source for _, edge, _ in branches}
    edges = []
    undoing = compensation_nodes(nodes)
    follower = ""
    for place in reversed(range(len(nodes))):
        node = nodes[place]
        if node.id in undoing:
            continue
        if follower and node.id and node.id not in branching and node.type not in ENDINGS:
            port = APPROVED if node.type == "human_review" else OUT
            edges.append((place, Edge(node.id, follower, port), f"{prefix}nodes[{place}]"))
        if node.id not in targets:
            follower = node.id or follower
    return edges
