"""What a node's ending does to the graph around it: joins, skips, and the ends of scopes.

A node is decided when none of its incoming edges is undecided: ready if at least one was taken,
else to be skipped. It runs once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from runfold.engine.state import Join, NodeState, NodeStatus, RunState, Scope
from runfold.ids import address_of, parent_of_scope

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from runfold.graph.plan import Plan


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
    """Give a scope up: its open nodes are no longer looked at."""
    held = state.scopes[scope]
    scopes = state.scopes.insert(scope, Scope(ended=held.ended, closed=True))
    return replace(state, open=without(state.open, f"{scope}/"), scopes=scopes)


def without(opened: HashTrieMap[str, None], prefix: str) -> HashTrieMap[str, None]:
    """The open addresses that do not begin with `prefix`."""
    remaining = opened
    for address in opened:
        if address.startswith(prefix):
            remaining = remaining.remove(address)
    return remaining


def after_end(
    inner: Plan, state: RunState, scope: str, node_id: str, port: str
) -> tuple[RunState, tuple[str, ...]]:
    """Settle the edges of a node that ended at `port` (no port: it was skipped).

    Args:
        inner: The graph of `scope`.
        state: The state with the node's own ending already in it.
        scope: The node's scope.
        node_id: The node.
        port: The port whose edges are taken; all others are skipped.

    Returns:
        The state after, and the addresses where a decision may be due: the node, what its ending
        decided, and the composite around when its item is complete.
    """
    address = address_of(scope, node_id)
    nodes, joins, opened = state.nodes, state.joins, state.open.discard(address)
    touched = [address]
    for through, targets in inner.nodes[node_id].targets.items():
        for target in targets:
            at = address_of(scope, target)
            join = joins.get(at) or Join(inner.nodes[target].incoming, taken=False)
            join = Join(join.undecided - 1, taken=join.taken or through == port)
            if join.undecided:
                joins = joins.insert(at, join)
                continue
            joins = joins.discard(at)
            status: NodeStatus = "ready" if join.taken else "skipping"
            nodes = nodes.insert(at, NodeState(status=status, changed_at=state.now))
            opened = opened.insert(at, None)
            touched.append(at)
    ended = state.scopes[scope].ended + 1
    if scope and ended == inner.forward:
        scopes = state.scopes.discard(scope)
        around, _ = parent_of_scope(scope)
        nodes = _item_ended(nodes[around], around, nodes)
        touched.append(around)
    else:
        scopes = state.scopes.insert(scope, Scope(ended=ended))
        if ended == inner.forward:
            touched.append("")
    return replace(state, nodes=nodes, joins=joins, open=opened, scopes=scopes), tuple(touched)


def _item_ended(
    composite: NodeState, address: str, nodes: HashTrieMap[str, NodeState]
) -> HashTrieMap[str, NodeState]:
    loop = composite.loop
    if loop is None:
        return nodes
    return nodes.insert(address, replace(composite, loop=replace(loop, ended=loop.ended + 1)))
