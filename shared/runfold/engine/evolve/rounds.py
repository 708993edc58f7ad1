"""Loops, iterations, batches and parallel branches: how each round begins and ends.

Which round begins, and what an ended one gives, is decided in `decide.rounds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.evolve.compensation import can_advance
from runfold.engine.evolve.scopes import close_scope, open_scope, scope_ended
from runfold.engine.state.open_scopes import recorded
from runfold.engine.state.rounds import Rounds
from runfold.engine.state.scopes import plan_of
from runfold.engine.state.step import UNTOUCHED, Step
from runfold.ids import address_of, child_scope, parent_of_scope

if TYPE_CHECKING:
    from runfold.engine.state.runs import RunState
    from runfold.graph.plan.plan import Plan

JUMPS = frozenset(("break", "continue"))
"""Kinds that end the scope they are in."""


def jump(state: RunState, scope: str, how: str) -> Step:
    """End a scope early: a `break` or `continue` in it was reached."""
    around, index = parent_of_scope(scope)
    state = close_scope(state, scope)
    return replace(state, nodes=scope_ended(state.nodes, around, index, how)), (scope,)


def evolve_round_timer(state: RunState, record: e.Recorded, event: e.TimerFired) -> Step:
    """The time of one item is up, or the pause between two rounds is over."""
    address = address_of(event.scope, event.node_id)
    rounds = _current(state, address, event)
    if rounds is None:
        return state, UNTOUCHED
    if event.timer == "delay":
        if rounds.next_due is None or event.index != rounds.ended:
            return state, UNTOUCHED
        return _with_rounds(state, record, address, replace(rounds, next_due=None)), (address,)
    if event.index not in rounds.under_way:
        return state, UNTOUCHED
    scope = child_scope(address, event.index, rounds.body_name(event.index))
    state = close_scope(state, scope)
    nodes = scope_ended(state.nodes, address, event.index, "timeout")
    return replace(state, nodes=nodes, last_seq=record.seq, now=record.time), (scope,)


def evolve_round(
    plan: Plan,
    state: RunState,
    record: e.Recorded,
    event: e.LoopNext | e.LoopItemSucceeded | e.LoopItemFailed,
) -> Step:
    """A round begins, or its result is recorded."""
    address = address_of(event.scope, event.node_id)
    rounds = _current(state, address, event)
    if rounds is None:
        return state, UNTOUCHED
    match event:
        case e.LoopNext():
            return _begun(plan, state, record, event, rounds)
        case e.LoopItemSucceeded() | e.LoopItemFailed():
            return _recorded(state, record, event, rounds)
        case _:
            assert_never(event)


def _begun(
    plan: Plan, state: RunState, record: e.Recorded, event: e.LoopNext, rounds: Rounds
) -> Step:
    address, index = address_of(event.scope, event.node_id), event.index
    if index != rounds.begun or index >= rounds.count:
        return state, UNTOUCHED
    name, graph = rounds.body_name(index), plan_of(plan, event.scope)
    body = graph.body(event.node_id, name) if graph else None
    if body is None:
        return state, UNTOUCHED
    rounds = replace(rounds, begun=index + 1, under_way=rounds.under_way.insert(index, record.time))
    state = _with_rounds(state, record, address, rounds)
    state, touched = open_scope(body, state, child_scope(address, index, name))
    return state, (*touched, address)


def _recorded(
    state: RunState,
    record: e.Recorded,
    event: e.LoopItemSucceeded | e.LoopItemFailed,
    rounds: Rounds,
) -> Step:
    address, index = address_of(event.scope, event.node_id), event.index
    if index not in rounds.under_way and index not in rounds.settled:
        return state, UNTOUCHED
    inside = child_scope(address, index, rounds.body_name(index))
    if inside in state.scopes:
        state = close_scope(state, inside)
    rounds = recorded(rounds, index)
    match event:
        case e.LoopItemSucceeded():
            rounds = _with_result(rounds, event)
        case e.LoopItemFailed():
            rounds = replace(rounds, failed=rounds.failed.insert(index, event.error))
            state = replace(state, exceptions=state.exceptions + 1)
        case _:
            assert_never(event)
    return _with_rounds(state, record, address, _paused(rounds, record.time)), (address,)


def _current(state: RunState, address: str, event: e.NodeEvent) -> Rounds | None:
    """The rounds an event is about; None when it cannot change them any more."""
    node = state.nodes.get(address)
    if node is None or node.status != "active" or event.attempt != node.attempt:
        return None
    rounds = node.composite
    return rounds if isinstance(rounds, Rounds) and can_advance(state, address) else None


def _with_result(rounds: Rounds, event: e.LoopItemSucceeded) -> Rounds:
    results, last = rounds.results, rounds.last or event.last
    if not rounds.keeps_all:
        for other in results:
            if other > event.index:
                return replace(rounds, last=last)
            results = results.remove(other)
    return replace(rounds, results=results.insert(event.index, event.output), last=last)


def _paused(rounds: Rounds, time: float) -> Rounds:
    """The rounds with the pause, if any, that follows a round or the last item of a batch."""
    if not rounds.delay or rounds.last or rounds.ended >= rounds.count:
        return rounds
    if rounds.batch_size and rounds.ended % rounds.batch_size:
        return rounds
    return replace(rounds, next_due=time + rounds.delay)


def _with_rounds(state: RunState, record: e.Recorded, address: str, rounds: Rounds) -> RunState:
    node = replace(state.nodes[address], composite=rounds)
    nodes = state.nodes.insert(address, node)
    return replace(state, nodes=nodes, last_seq=record.seq, now=record.time)
