"""Ids, edges, ports, cycles, reach: the graph itself."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from runfold.graph.bodies import bodies_of
from runfold.graph.checks.calls import check_calls
from runfold.graph.checks.ways import check_ways
from runfold.graph.definition import ERROR, OUT, Edge, Node, Workflow
from runfold.graph.findings import Findings
from runfold.graph.free_names import RESERVED
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.composites import ITEM_NAMES
from runfold.graph.reading.compensation import compensation_nodes
from runfold.ids import ID_RULE, is_id

MAX_DEPTH = 8
"""Composites within composites."""
_MAY_CONTINUE = frozenset(("loop", "iteration", "batch"))


def check_structure(workflow: Workflow, found: Findings) -> None:
    """The whole workflow's graph, and the graphs of its loops."""
    if workflow.id and not is_id(workflow.id):
        found.error("workflow.id", "id", f"{workflow.id!r} is not usable as an id", ID_RULE)
    _check_graph(workflow.nodes, workflow.edges, "", 0, found)
    check_calls(workflow, found)


def _check_graph(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    path: str,
    depth: int,
    found: Findings,
    around: str = "",
) -> None:
    prefix = f"{path}." if path else ""
    _check_ids(nodes, prefix, found)
    _check_jumps(nodes, prefix, around, found)
    by_id = {node.id: node for node in nodes if node.id}
    sound = [
        edge
        for index, edge in enumerate(edges)
        if edge.source and edge.target and _check_edge(edge, by_id, prefix, index, found)
    ]
    _check_twice(edges, prefix, found)
    _check_cycles(by_id, sound, edges, prefix, found)
    _check_joins(nodes, sound, prefix, found)
    check_ways(nodes, sound, prefix, found)
    if len(sound) == len(edges) and all(node.id for node in nodes):
        _check_reach(nodes, sound, prefix, found)
    for index, node in enumerate(nodes):
        for name, body in bodies_of(node).items():
            here = f"{prefix}nodes[{index}].config"
            if not body.nodes:
                part = "handler" if node.type == "state_machine" else "branch"
                which = f"{part} {name!r} of {node.type}" if name else node.type
                message = f"{which} {node.id!r} has no body"
                found.error("loop.empty", here, message, "give it `nodes` or a `prompt`")
            elif depth + 1 > MAX_DEPTH:
                message = f"{node.type} {node.id!r} is nested more than {MAX_DEPTH} deep"
                found.error("loop.too_deep", here, message)
            else:
                inside = f"{here}.{body.path}".rstrip(".")
                _check_graph(body.nodes, body.edges, inside, depth + 1, found, node.type)


def _check_twice(edges: tuple[Edge, ...], prefix: str, found: Findings) -> None:
    seen: set[Edge] = set()
    for index, edge in enumerate(edges):
        if edge in seen and edge.source and edge.target:
            message = f"the edge {edge.source} → {edge.target} at {edge.port!r} is there twice"
            found.error("edge.duplicate", f"{prefix}edges[{index}]", message)
        seen.add(edge)


def _check_ids(nodes: tuple[Node, ...], prefix: str, found: Findings) -> None:
    seen: set[str] = set()
    for index, node in enumerate(nodes):
        if not node.id:
            continue
        path = f"{prefix}nodes[{index}].id"
        if not is_id(node.id):
            found.error("node.id", path, f"{node.id!r} is not usable as an id", ID_RULE)
        if node.id in RESERVED | ITEM_NAMES:
            found.error("node.reserved_id", path, f"{node.id!r} is a name the system provides")
        if node.id in seen:
            found.error("node.duplicate_id", path, f"two nodes are called {node.id!r}")
        seen.add(node.id)


def _check_jumps(nodes: tuple[Node, ...], prefix: str, around: str, found: Findings) -> None:
    """`break` and `continue` end what is right around them."""
    for index, node in enumerate(nodes):
        path = f"{prefix}nodes[{index}]"
        if node.type == "break" and around != "loop":
            message = f"break {node.id!r} is not in the body of a loop"
            found.error("loop.break_outside", path, message, "put it into `nodes` of a `loop`")
        if node.type == "continue" and around not in _MAY_CONTINUE:
            message = f"continue {node.id!r} is not in the body of a loop, iteration or batch"
            found.error("loop.continue_outside", path, message)


def _check_joins(nodes: tuple[Node, ...], edges: list[Edge], prefix: str, found: Findings) -> None:
    incoming = Counter(edge.target for edge in edges)
    for index, node in enumerate(nodes):
        counted = node.type == "join" and node.config.get("mode") == "n"
        wanted = node.config.get("n") if counted else None
        if isinstance(wanted, int) and wanted > incoming[node.id]:
            message = f"join {node.id!r} needs {wanted} branches, {incoming[node.id]} lead to it"
            found.error("join.too_many", f"{prefix}nodes[{index}].config.n", message)


def _check_edge(
    edge: Edge, by_id: dict[str, Node], prefix: str, index: int, found: Findings
) -> bool:
    """Whether the edge may be part of the graph."""
    path = f"{prefix}edges[{index}]"
    for name, node_id in (("source", edge.source), ("target", edge.target)):
        if node_id not in by_id:
            message = f"edge {name} {node_id!r} is no node"
            found.error("edge.dangling", f"{path}.{name}", message, found.nearest(node_id, by_id))
            return False
    if edge.source == edge.target:
        found.error("graph.cycle", path, f"node {edge.source!r} leads to itself")
        return False
    source = by_id[edge.source]
    kind = kind_of(source.type)
    if kind is None:
        return True
    ports = kind.ports(source.config)
    if source.on_error.strategy == "error_branch":
        ports = (*ports, ERROR)
    if edge.port in ports:
        return True
    if edge.port == OUT:
        message = f"the edge from {edge.source!r} does not say at which port"
        found.error("edge.port_missing", f"{path}.port", message, f"ports: {', '.join(ports)}")
    elif edge.port == ERROR:
        message = f"node {edge.source!r} has no port 'error'"
        hint = "give it on_error: {strategy: error_branch}"
        found.error("edge.unknown_port", f"{path}.port", message, hint)
    else:
        message = f"node {edge.source!r} has no port {edge.port!r}"
        near = found.nearest(edge.port, ports)
        found.error("edge.unknown_port", f"{path}.port", message, near)
    return True


def _check_cycles(
    by_id: dict[str, Node],
    edges: Iterable[Edge],
    written: tuple[Edge, ...],
    prefix: str,
    found: Findings,
) -> None:
    targets: dict[str, list[str]] = {node_id: [] for node_id in by_id}
    incoming = dict.fromkeys(by_id, 0)
    for edge in edges:
        targets[edge.source].append(edge.target)
        incoming[edge.target] += 1
    free = deque(node_id for node_id, count in incoming.items() if not count)
    while free:
        for target in targets[free.popleft()]:
            incoming[target] -= 1
            if not incoming[target]:
                free.append(target)
    left = {node_id for node_id, count in incoming.items() if count}
    if left:
        circle = _one_cycle(left, targets)
        closing = next(
            index for index, edge in enumerate(written) if [edge.source, edge.target] == circle[-2:]
        )
        message = f"the edges go in a circle: {' → '.join(circle)}"
        found.error("graph.cycle", f"{prefix}edges[{closing}]", message)


def _one_cycle(left: set[str], targets: dict[str, list[str]]) -> list[str]:
    """One circle among nodes that all lead back to one; walking backwards cannot get lost."""
    before = {target: source for source in sorted(left) for target in targets[source]}
    walked: list[str] = []
    here = min(left)
    while here not in walked:
        walked.append(here)
        here = before[here]
    circle = walked[walked.index(here) :]
    return [here, *reversed(circle)]


def _check_reach(nodes: tuple[Node, ...], edges: list[Edge], prefix: str, found: Findings) -> None:
    """With a start node, everything must be led to from it."""
    starts = [node.id for node in nodes if node.type == "start"]
    if not starts:
        return
    if len(starts) > 1:
        message = f"more than one start: {', '.join(starts)}"
        found.error("graph.starts", f"{prefix}nodes", message)
    targets: dict[str, list[str]] = {}
    for edge in edges:
        targets.setdefault(edge.source, []).append(edge.target)
    undoing = compensation_nodes(nodes)
    reached, frontier = set(starts), list(starts)
    while frontier:
        for target in targets.get(frontier.pop(), ()):
            if target not in reached:
                reached.add(target)
                frontier.append(target)
    for index, node in enumerate(nodes):
        if node.id not in reached and node.id not in undoing:
            message = f"node {node.id!r} is not reached from {starts[0]!r}"
            path = f"{prefix}nodes[{index}]"
            found.error("graph.unreachable", path, message, "add an edge that leads to it")
