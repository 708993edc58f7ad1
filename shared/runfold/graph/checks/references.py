"""References: whether what they name can have a value when they are read.

What is upstream of a node is a set of bits, so that large graphs stay cheap.
"""

from __future__ import annotations

from typing import NamedTuple

from runfold.graph.definition import Edge, Node, Workflow
from runfold.graph.findings import Findings
from runfold.graph.free_names import LOOP_NAMES, RESERVED, own_config, raw_fields
from runfold.graph.kinds import kind_of
from runfold.graph.loops import loop_body
from runfold.graph.protecting import fallback_names, protection_templates
from runfold.values.references import EVERYTHING, Ref, references_in

ALWAYS_READABLE = frozenset(("output", "status", "error"))
"""What `{{node.…}}` reads of any node."""
SYS_NAMES = frozenset(("run_id", "workflow_id", "version", "started_at"))


class _Place(NamedTuple):
    """A graph and what may be read inside it."""

    nodes: dict[str, Node]
    upstream: dict[str, int]
    bits: dict[str, int]
    outer: dict[str, Node]
    """Nodes around the graph that have ended when it runs."""
    names: frozenset[str]


def check_references(workflow: Workflow, found: Findings) -> None:
    """Every reference of every node."""
    names = frozenset((*workflow.inputs, *workflow.variables, *RESERVED))
    _check_graph(workflow.nodes, workflow.edges, {}, names, "", found)


def _check_graph(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    outer: dict[str, Node],
    names: frozenset[str],
    prefix: str,
    found: Findings,
) -> None:
    by_id = {node.id: node for node in nodes if node.id}
    bits = {node_id: 1 << index for index, node_id in enumerate(by_id)}
    place = _Place(by_id, _upstream(by_id, edges, bits), bits, outer, names)
    for index, node in enumerate(nodes):
        if not node.id:
            continue
        path = f"{prefix}nodes[{index}].config"
        for ref in references_in(own_config(node), raw=raw_fields(node)):
            _check_ref(ref, node, place, path, found)
        for where, template in protection_templates(node).items():
            for ref in references_in(template):
                _check_ref(ref, node, place, f"{prefix}nodes[{index}].{where}", found)
        body = loop_body(node) if node.type == "loop" else None
        if body is not None:
            _check_body(node, body, place, path, found)


def _check_body(
    loop: Node,
    body: tuple[tuple[Node, ...], tuple[Edge, ...]],
    place: _Place,
    path: str,
    found: Findings,
) -> None:
    ended = {
        node_id: node
        for node_id, node in place.nodes.items()
        if place.bits[node_id] & place.upstream[loop.id]
    }
    outer = {**place.outer, **ended}
    names = place.names | LOOP_NAMES
    _check_graph(body[0], body[1], outer, names, f"{path}.", found)
    inside = {**outer, **{node.id: node for node in body[0]}}
    for ref in references_in(loop.config.get("output")):
        if ref.root in inside:
            _check_output(ref, inside[ref.root], f"{path}.output", found)
        elif ref.root not in names:
            _unknown(ref, {*inside, *names}, f"{path}.output", found)


def _check_ref(ref: Ref, node: Node, place: _Place, path: str, found: Findings) -> None:
    source = place.nodes.get(ref.root)
    if source is not None:
        if not place.upstream[node.id] & place.bits[ref.root]:
            message = f"{ref.text!r} is read by {node.id!r} before it can have a value"
            hint = f"node {ref.root!r} does not lead to {node.id!r}: add an edge"
            found.error("reference.not_upstream", path, message, hint)
        else:
            _check_output(ref, source, path, found)
    elif ref.root in place.outer:
        _check_output(ref, place.outer[ref.root], path, found)
    elif ref.root == "sys" and ref.path and ref.path[0] not in SYS_NAMES:
        message = f"{ref.text!r}: sys has no {ref.path[0]!r}"
        found.error("reference.unknown", path, message, found.nearest(str(ref.path[0]), SYS_NAMES))
    elif ref.root not in place.names:
        known = {*place.nodes, *place.outer, *place.names} - {EVERYTHING}
        _unknown(ref, known, path, found)


def _unknown(ref: Ref, known: set[str], path: str, found: Findings) -> None:
    message = f"{ref.text!r}: nothing is called {ref.root!r} here"
    found.error("reference.unknown", path, message, found.nearest(ref.root, known))


def _check_output(ref: Ref, source: Node, path: str, found: Findings) -> None:
    kind = kind_of(source.type)
    if kind is None or not ref.path or source.on_error.strategy == "default_value":
        return
    outputs = kind.declared(source.config) or kind.outputs
    if outputs is None:
        return
    known = {*outputs, *ALWAYS_READABLE, *fallback_names(source)}
    if ref.path[0] not in known:
        message = f"{ref.text!r}: {source.type} {source.id!r} has no output {ref.path[0]!r}"
        found.error(
            "reference.unknown_output", path, message, found.nearest(str(ref.path[0]), known)
        )


def _upstream(
    by_id: dict[str, Node], edges: tuple[Edge, ...], bits: dict[str, int]
) -> dict[str, int]:
    """For each node the nodes that lead to it, as bits; cycles are cut where they close."""
    incoming: dict[str, list[str]] = {node_id: [] for node_id in by_id}
    targets: dict[str, list[str]] = {node_id: [] for node_id in by_id}
    for edge in edges:
        if edge.source in by_id and edge.target in by_id:
            incoming[edge.target].append(edge.source)
            targets[edge.source].append(edge.target)
    waiting = {node_id: len(sources) for node_id, sources in incoming.items()}
    order = [node_id for node_id, count in waiting.items() if not count]
    for node_id in order:
        for target in targets[node_id]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    upstream = dict.fromkeys(by_id, 0)
    for node_id in order:
        for source in incoming[node_id]:
            upstream[node_id] |= upstream[source] | bits[source]
    # Nodes of a cycle are reported as such; here everything may be upstream of them.
    for node_id in by_id.keys() - set(order):
        upstream[node_id] = (1 << len(by_id)) - 1
    return upstream
