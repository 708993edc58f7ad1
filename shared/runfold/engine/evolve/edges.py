"""What a node's ending does to the graph around it: joins, skips, and the ends of scopes.

A node is decided when none of its incoming edges is undecided: ready if at least one was taken,
else to be skipped. It runs once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from runfold.engine.state.run import Join, NodeState, NodeStatus, RunState, Scope
from runfold.ids import address_of, parent_of_scope, split_address

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from runfold.graph.plan.plan import Plan, PlanNode

V = TypeVar("V")

LOST = "lost"
"""The port of a branch that failed and that its join goes on without: no edge is there."""


def open_scope(body: Plan, state: RunState, scope: str) -> tuple[RunState, tuple[str, ...]]:
    """Begin a graph: its roots are ready."""
    nodes, opened = state.nodes, state.open
    touched = tuple(address_of(scope, root) for root in body.roots)
    for address in touched:
        nodes = nodes.insert(address, NodeState(status="ready", changed_at=state.now))
        opened = opened.insert(address, None)
    scopes = state.scopes.insert(scope, Scope())
    return replace(state, nodes=nodes, open=opened, scopes=scopes), touched


def close_scope(state: RunState, scope: str) -> RunState:
    """Give a scope up, and all inside it: facts about its nodes change nothing any more."""
    return replace(
        state,
        open=without(state.open, f"{scope}/"),
        joins=without(state.joins, f"{scope}/"),
        scopes=without(state.scopes.discard(scope), f"{scope}/"),
    )


def close_scopes_of(state: RunState, address: str) -> RunState:
    """Give up whatever a composite still has under way."""
    return replace(
        state,
        open=without(state.open, f"{address}["),
        joins=without(state.joins, f"{address}["),
        scopes=without(state.scopes, f"{address}["),
    )


def without(by_address: HashTrieMap[str, V], prefix: str) -> HashTrieMap[str, V]:
    """The entries whose address does not begin with `prefix`."""
    remaining = by_address
    for address in by_address:
        if address.startswith(prefix):
            remaining = remaining.remove(address)
    return remaining


def after_end(
    inner: Plan, state: RunState, scope: str, node_id: str, ports: tuple[str, ...]
) -> tuple[RunState, tuple[str, ...]]:
    """Settle the edges of a node that ended.

    Args:
        inner: The graph of `scope`.
        state: The state with the node's own ending already in it.
        scope: The node's scope.
        node_id: The node.
        ports: The ports whose edges are taken; all others are skipped.

    Returns:
        The state after, and the addresses where a decision may be due: the node, what its ending
        decided, and the composite around when its item is complete.
    """
    address = address_of(scope, node_id)
    nodes, joins, opened = state.nodes, state.joins, state.open.discard(address)
    touched = [address]
    for through, targets in inner.nodes[node_id].targets.items():
        for target in targets:
            at, planned = address_of(scope, target), inner.nodes[target]
            if planned.join is not None and _gone_on(nodes.get(at)):
                continue
            join = joins.get(at) or Join(planned.incoming, 0)
            join = Join(join.undecided - 1, join.taken + (through in ports))
            status = _decided(planned, join)
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
    if ended == inner.forward:
        if scope:
            scopes = scopes.discard(scope)
            around, index = parent_of_scope(scope)
            nodes = settled(nodes, around, index, "")
            touched.append(around)
        else:
            touched.append("")
    return replace(state, nodes=nodes, joins=joins, open=opened, scopes=scopes), tuple(touched)


def _gone_on(join: NodeState | None) -> bool:
    """Whether a join has been decided: branches that come later change nothing."""
    return join is not None and join.status != "joining"


def _decided(planned: PlanNode, join: Join) -> NodeStatus | None:
    """What the edges so far make of a node; None while that is open."""
    rule = planned.join
    if rule is not None and join.taken >= rule.need:
        return "ready"
    if join.undecided:
        return None
    # A join that ignores errors has to look whether its branches were lost or never taken.
    looks = rule is not None and rule.ignore_errors
    return "ready" if join.taken or looks else "skipping"


def settled(
    nodes: HashTrieMap[str, NodeState], address: str, index: int, how: str
) -> HashTrieMap[str, NodeState]:
    """A composite one of whose scopes came to an end, the result of which is still to be found."""
    composite = nodes[address]
    loop = composite.loop
    if loop is None:
        return nodes
    loop = replace(
        loop,
        under_way=loop.under_way.discard(index),
        settled=loop.settled.insert(index, how),
    )
    return nodes.insert(address, replace(composite, loop=loop))


def given_up(state: RunState, addresses: tuple[str, ...]) -> RunState:
    """Nodes that are to be cancelled: whatever comes of them changes nothing any more."""
    for address in addresses:
        status: NodeStatus = "cancelling"
        node = replace(state.nodes[address], status=status, changed_at=state.now)
        state = replace(state, nodes=state.nodes.insert(address, node))
        state = close_scopes_of(state, address)
    return state


def losers_of(inner: Plan, state: RunState, scope: str, join_id: str) -> tuple[str, ...]:
    """Addresses of what is open in a scope and leads to a join that needs it no longer."""
    found = []
    for address in state.open:
        where, node_id = split_address(address)
        guard = inner.nodes[node_id].guard if where == scope else ""
        while guard and guard != join_id:
            guard = inner.nodes[guard].guard
        if guard:
            found.append(address)
    return tuple(sorted(found))


def first_attempt(planned: PlanNode, source: NodeState | None) -> int:
    """The number of a node's first attempt, once the node that leads to it has ended.

    A node that reads along was handed out once with each attempt of its source, under the same
    number; only the one of the attempt that succeeded is to count.
    """
    if planned.pipe is None or source is None:
        return 1
    return source.attempt if source.status == "succeeded" else source.attempt + 1
