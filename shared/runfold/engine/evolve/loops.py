"""The items, rounds and branches of composites: how each begins and ends.

What is to begin, and what an ended one came to, is decided in `loops`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.evolve.compensation import goes_on
from runfold.engine.evolve.edges import close_scope, open_scope, settled
from runfold.engine.state.run import Loop, NodeState, RunState
from runfold.engine.state.scopes import plan_of
from runfold.engine.state.step import UNTOUCHED, Step
from runfold.graph.kinds.loop import keeps_all
from runfold.ids import address_of, child_scope, parent_of_scope

if TYPE_CHECKING:
    from runfold.graph.plan.plan import Plan, PlanNode

JUMPS = frozenset(("break", "continue"))
"""Kinds that end the scope they are in."""


def body_name(planned: PlanNode, loop: Loop, index: int) -> str:
    """The name of the body that a scope runs: of parallel branches each has its own."""
    return str(loop.items[index]) if planned.type == "parallel" else ""


def jumped(state: RunState, scope: str, how: str) -> Step:
    """A `break` or `continue` was reached: its scope ends here."""
    around, index = parent_of_scope(scope)
    state = close_scope(state, scope)
    return replace(state, nodes=settled(state.nodes, around, index, how)), (around,)


def evolve_round_timer(
    plan: Plan, state: RunState, record: e.Recorded, event: e.TimerFired
) -> Step:
    """The time of one item is up, or the pause between two rounds is over."""
    address = address_of(event.scope, event.node_id)
    node = state.nodes.get(address)
    loop = node.loop if node is not None and _counts(state, node, event) else None
    inner = plan_of(plan, event.scope)
    if node is None or loop is None or inner is None:
        return state, UNTOUCHED
    if event.timer == "delay":
        if loop.next_due is None or event.index != loop.ended:
            return state, UNTOUCHED
        return _with_loop(state, record, address, replace(loop, next_due=None)), (address,)
    if event.index not in loop.under_way:
        return state, UNTOUCHED
    name = body_name(inner.nodes[event.node_id], loop, event.index)
    state = close_scope(state, child_scope(address, event.index, name))
    nodes = settled(state.nodes, address, event.index, "timeout")
    return replace(state, nodes=nodes, last_seq=record.seq, now=record.time), (address,)


def evolve_item(
    plan: Plan,
    state: RunState,
    record: e.Recorded,
    event: e.LoopNext | e.LoopItemSucceeded | e.LoopItemFailed,
) -> Step:
    """An item begins, or is done with."""
    address = address_of(event.scope, event.node_id)
    node = state.nodes.get(address)
    inner = plan_of(plan, event.scope)
    if node is None or inner is None or node.loop is None or not _counts(state, node, event):
        return state, UNTOUCHED
    planned, loop, index = inner.nodes[event.node_id], node.loop, event.index
    if isinstance(event, e.LoopNext):
        return _begun(state, record, planned, event)
    if index not in loop.under_way and index not in loop.settled:
        return state, UNTOUCHED
    inside = child_scope(address, index, body_name(planned, loop, index))
    if inside in state.scopes:
        state = close_scope(state, inside)
    loop = replace(
        loop,
        under_way=loop.under_way.discard(index),
        settled=loop.settled.discard(index),
        ended=loop.ended + 1,
    )
    match event:
        case e.LoopItemSucceeded():
            loop = _with_result(planned, loop, event)
        case e.LoopItemFailed():
            loop = replace(loop, failed=loop.failed.insert(index, event.error))
            state = replace(state, exceptions=state.exceptions + 1)
        case _:
            assert_never(event)
    return _with_loop(state, record, address, _paused(loop, record.time)), (address,)


def _begun(state: RunState, record: e.Recorded, planned: PlanNode, event: e.LoopNext) -> Step:
    address = address_of(event.scope, event.node_id)
    loop = state.nodes[address].loop
    if loop is None or event.index != loop.begun or event.index >= loop.count:
        return state, UNTOUCHED
    name = body_name(planned, loop, event.index)
    body = planned.bodies.get(name)
    if body is None:
        return state, UNTOUCHED
    loop = replace(
        loop, begun=loop.begun + 1, under_way=loop.under_way.insert(event.index, record.time)
    )
    state = _with_loop(state, record, address, loop)
    state, touched = open_scope(body, state, child_scope(address, event.index, name))
    return state, (*touched, address)


def _counts(state: RunState, node: NodeState, event: e.NodeEvent) -> bool:
    """Whether an event is about a composite's present attempt, in a place that is open."""
    current = node.status == "looping" and event.attempt == node.attempt
    return current and goes_on(state, address_of(event.scope, event.node_id))


def _with_result(planned: PlanNode, loop: Loop, event: e.LoopItemSucceeded) -> Loop:
    results = loop.results
    if planned.type == "loop" and not keeps_all(planned.config):
        for other in results:
            if other > event.index:
                return replace(loop, last=loop.last or event.last)
            results = results.remove(other)
    return replace(
        loop,
        results=results.insert(event.index, event.output),
        last=loop.last or event.last,
    )


def _paused(loop: Loop, time: float) -> Loop:
    """The pause that follows a round, or the last item of a batch."""
    if not loop.delay or loop.last or loop.ended >= loop.count:
        return loop
    if loop.batch_size and loop.ended % loop.batch_size:
        return loop
    return replace(loop, next_due=time + loop.delay)


def _with_loop(state: RunState, record: e.Recorded, address: str, loop: Loop) -> RunState:
    nodes = state.nodes.insert(address, replace(state.nodes[address], loop=loop))
    return replace(state, nodes=nodes, last_seq=record.seq, now=record.time)
