"""What the end of a node does to the graph around it: joins, skips, and the ends of scopes.

A node is decided when none of its incoming edges is undecided: ready if at least one was taken,
otherwise to be skipped. It runs once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from runfold.engine.evolve.scopes import close_scopes_of, scope_ended
from runfold.engine.state.nodes import NodeState, NodeStatus
from runfold.engine.state.runs import Join, RunState, Scope
from runfold.ids import address_of, parent_of_scope, split_address

if TYPE_CHECKING:
    from runfold.graph.plan.plan import Plan, PlanNode

LOST = "lost"
"""The port of a branch that failed and that its join goes on without: it has no edges."""


def after_end(
    graph: Plan, state: RunState, scope: str, node_id: str, ports: tuple[str, ...]
) -> tuple[RunState, tuple[str, ...]]:
    """Decide the edges of a node that ended.

    Args:
        graph: The graph of the scope.
        state: The state with the node's own end already in it.
        scope: The node's scope.
        node_id: The node.
        ports: The ports whose edges are taken; all others are skipped.

    Returns:
        The state after, and the addresses where a decision may be due: the node, the nodes that are
        decided now, and the scope when it is complete.
    """
    address = address_of(scope, node_id)
    nodes, joins, opened = state.nodes, state.joins, state.open.discard(address)
    touched = [address]
    for through, targets in graph.nodes[node_id].targets.items():
        for target in targets:
            at, planned = address_of(scope, target), graph.nodes[target]
            if planned.join is not None and _is_decided(nodes.get(at)):
                continue
            join = joins.get(at) or Join(planned.incoming, 0)
            join = Join(join.undecided - 1, join.taken + (through in ports))
            status = _status_of(planned, join)
            if status is None:
                joins = joins.insert(at, join)
                if planned.join is None or planned.timeout is None or at in nodes:
                    continue
                status = "joining"
            else:
                joins = joins.discard(at)
            attempt = first_attempt(planned, nodes.get(address))
            node = NodeState(status=status, attempt=attempt, changed_at=state.now)
            nodes, opened = nodes.insert(at, node), opened.insert(at, None)
            touched.append(at)
    ended = state.scopes[scope].ended + 1
    scopes = state.scopes.insert(scope, Scope(ended=ended))
    if ended == graph.forward:
        if scope:
            scopes = scopes.discard(scope)
            around, index = parent_of_scope(scope)
            nodes = scope_ended(nodes, around, index, "")
            touched.append(scope)
        else:
            touched.append("")
    return replace(state, nodes=nodes, joins=joins, open=opened, scopes=scopes), tuple(touched)


def _is_decided(join: NodeState | None) -> bool:
    """Whether a join has been decided: branches that arrive later change nothing."""
    return join is not None and join.status != "joining"


def _status_of(planned: PlanNode, join: Join) -> NodeStatus | None:
    """The status of a node that its edges decide; None while they do not."""
    rule = planned.join
    if rule is not None and join.taken >= rule.need:
        return "ready"
    if join.undecided:
        return None
    # A join that ignores errors has to look whether its branches were lost or never taken.
    looks = rule is not None and rule.ignore_errors
    return "ready" if join.taken or looks else "skipping"


def cancel_nodes(state: RunState, addresses: tuple[str, ...]) -> RunState:
    """Mark nodes as to be cancelled: their results change nothing from now on."""
    for address in addresses:
        status: NodeStatus = "cancelling"
        node = replace(state.nodes[address], status=status, changed_at=state.now)
        state = replace(state, nodes=state.nodes.insert(address, node))
        state = close_scopes_of(state, address)
    return state


def losers_of(graph: Plan, state: RunState, scope: str, join_id: str) -> tuple[str, ...]:
    """Addresses of the open nodes of a scope that only lead to a join that has gone on."""
    found = []
    for address in state.open:
        where, node_id = split_address(address)
        guard = graph.nodes[node_id].guard if where == scope else ""
        while guard and guard != join_id:
            guard = graph.nodes[guard].guard
        if guard:
            found.append(address)
    return tuple(sorted(found))


def first_attempt(planned: PlanNode, source: NodeState | None) -> int:
    """The number of a node's first attempt, once the node that leads to it has ended.

    A node that reads along was handed out once with each attempt of its source, under the same
    number. Only the one of the attempt that succeeded counts.
    """
    if planned.pipe is None or source is None:
        return 1
    return source.attempt if source.status == "succeeded" else source.attempt + 1
