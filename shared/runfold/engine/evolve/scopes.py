"""Opens, closes and ends the scopes of composites."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState, Scope
from runfold.ids import address_of

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from runfold.graph.plan.plan import Plan

V = TypeVar("V")


def open_scope(body: Plan, state: RunState, scope: str) -> tuple[RunState, tuple[str, ...]]:
    """Begin a graph: the nodes without incoming edges are ready."""
    nodes, opened = state.nodes, state.open
    touched = tuple(address_of(scope, root) for root in body.roots)
    for address in touched:
        nodes = nodes.insert(address, NodeState(status="ready", changed_at=state.now))
        opened = opened.insert(address, None)
    scopes = state.scopes.insert(scope, Scope())
    return replace(state, nodes=nodes, open=opened, scopes=scopes), touched


def close_scope(state: RunState, scope: str) -> RunState:
    """Close a scope and all inside it: events about their nodes change nothing from now on."""
    return replace(
        state,
        open=_without(state.open, f"{scope}/"),
        joins=_without(state.joins, f"{scope}/"),
        scopes=_without(state.scopes.discard(scope), f"{scope}/"),
    )


def close_scopes_of(state: RunState, address: str) -> RunState:
    """Close every open scope of a composite."""
    return replace(
        state,
        open=_without(state.open, f"{address}["),
        joins=_without(state.joins, f"{address}["),
        scopes=_without(state.scopes, f"{address}["),
    )


def scope_ended(
    nodes: HashTrieMap[str, NodeState], address: str, index: int, how: str
) -> HashTrieMap[str, NodeState]:
    """Note in a composite that one of its scopes ended; its result is to be recorded."""
    node = nodes[address]
    composite = node.composite
    if composite is None:
        return nodes
    composite = replace(
        composite,
        under_way=composite.under_way.discard(index),
        settled=composite.settled.insert(index, how),
    )
    return nodes.insert(address, replace(node, composite=composite))


def _without(by_address: HashTrieMap[str, V], prefix: str) -> HashTrieMap[str, V]:
    """The entries whose address does not begin with a prefix."""
    remaining = by_address
    for address in by_address:
        if address.startswith(prefix):
            remaining = remaining.remove(address)
    return remaining
