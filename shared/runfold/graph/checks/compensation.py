"""Compensation: whether what is named to undo a node can, and whether the node can be undone."""

from __future__ import annotations

from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Edge, Node, Workflow
from runfold.graph.findings import Findings
from runfold.graph.kinds import INLINE, kind_of


def check_compensation(workflow: Workflow, found: Findings) -> None:
    """Every node that names another to undo it, in the whole workflow."""
    _check_graph(workflow.nodes, workflow.edges, "", found)


def _check_graph(
    nodes: tuple[Node, ...], edges: tuple[Edge, ...], prefix: str, found: Findings
) -> None:
    by_id = {node.id: (place, node) for place, node in enumerate(nodes) if node.id}
    connected = {end for edge in edges for end in (edge.source, edge.target)}
    undoes: dict[str, str] = {}
    for place, node in enumerate(nodes):
        here = f"{prefix}nodes[{place}]"
        if node.compensate:
            _check_node(node, f"{here}.compensate", found)
            first = undoes.setdefault(node.compensate, node.id)
            if first != node.id:
                message = f"{node.compensate!r} compensates {first!r} already"
                hint = "give each node a compensation node of its own"
                found.error("compensate.shared", f"{here}.compensate", message, hint)
            elif node.compensate == node.id:
                message = f"node {node.id!r} cannot compensate itself"
                found.error("compensate.itself", f"{here}.compensate", message)
            elif node.compensate not in by_id:
                message = f"{node.compensate!r}, which is to undo {node.id!r}, is no node here"
                near = found.nearest(node.compensate, by_id)
                found.error("compensate.unknown", f"{here}.compensate", message, near)
            else:
                at, by = by_id[node.compensate]
                _check_undoing(by, f"{prefix}nodes[{at}]", connected, found)
        for body in bodies_of(node).values():
            _check_graph(body.nodes, body.edges, f"{here}.config.{body.path}", found)


def _check_node(node: Node, path: str, found: Findings) -> None:
    if kind_of(node.type) is not None and not _acts(node):
        message = f"{node.type} {node.id!r} does nothing that could be undone"
        found.error("compensate.nothing_to_undo", path, message)


def _check_undoing(by: Node, path: str, connected: set[str], found: Findings) -> None:
    what = f"compensation node {by.id!r}"
    if by.id in connected:
        hint = "it runs only to undo: take its edges away"
        found.error("compensate.has_edges", path, f"{what} has edges", hint)
    if by.compensate:
        message = f"{what} has `compensate` itself"
        found.error("compensate.chained", f"{path}.compensate", message)
    if by.on_error.strategy != "fail":
        message = f"{what} has on_error {by.on_error.strategy!r}"
        hint = "what cannot be undone is told by run_compensation_failed, and the others still are"
        found.error("compensate.on_error", f"{path}.on_error", message, hint)
    if kind_of(by.type) is not None and not _acts(by) and by.type != "human_review":
        message = f"a {by.type} node cannot undo anything"
        found.error("compensate.wrong_type", f"{path}.type", message)


def _acts(node: Node) -> bool:
    """Whether a node has effects of its own: a task, or a composite of them."""
    kind = kind_of(node.type)
    is_composite = node.type == "sub_workflow" or bool(bodies_of(node))
    return (kind is not None and kind.group != INLINE) or is_composite
