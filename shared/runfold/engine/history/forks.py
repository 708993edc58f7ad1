"""Which events a new run takes over from an old one, and how they read in its log.

A fork takes over the events that counted up to a chosen one. A retry leaves out the nodes that are
to run again and everything that followed from them. Both leave out attempts that were under way and
questions that were open: the new run runs and asks for itself, under ids of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from runfold.contracts import events as e
from runfold.engine.evolve import agents
from runfold.engine.evolve.rounds import JUMPS
from runfold.engine.evolve.runs import begin, evolve
from runfold.engine.state.agents import Agent
from runfold.engine.state.nodes import ENDED
from runfold.engine.state.rounds import Rounds
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import node_at, plan_of
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.agent_tools import CALL
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, child_scope, parent_of_scope, review_token, split_address

ENDINGS = (
    e.LoopSucceeded,
    e.LoopFailed,
    e.AgentSucceeded,
    e.AgentFailed,
    e.NodeRunFailed,
    e.NodeRunException,
    e.NodeRunSucceeded,
    e.TimerFired,
)
"""Events that end a composite: left out when its scopes are to go on."""


class _LeftOut(msgspec.Struct):
    """The events that are not taken over."""

    whole: set[str]
    """Addresses whose events are all left out, with those of everything inside them."""
    endings: set[str]
    """Addresses of composites that go on: only their ends are left out."""
    items: set[str]
    """Scopes that go on."""
    rounds: dict[str, int]
    """Loop whose rounds depend on one another → its last round of which anything is taken over."""
    later: dict[str, frozenset[int]]
    """Agent → its scopes that depend on one that is run again."""


def taken_over(plan: Plan, records: Sequence[e.Recorded]) -> list[e.AnyNodeEvent]:
    """The events that a fork after the last of `records` takes over."""
    return _kept(plan, records, _LeftOut(set(), set(), set(), {}, {}))


def taken_over_for_retry(
    plan: Plan, records: Sequence[e.Recorded], from_node: str
) -> list[e.AnyNodeEvent]:
    """The events that a retry takes over.

    Args:
        plan: The plan of the run that is retried.
        records: Its whole log.
        from_node: Address of a node to run again besides those that failed; empty: only those.
    """
    state = _folded(plan, records)
    left_out = _LeftOut(set(), set(), set(), {}, {})
    # A failure elsewhere would end the new run at once.
    for address in {*_failed(state), from_node} - {""}:
        composite = state.nodes[address].composite is not None
        if composite and address != from_node:
            left_out.endings.add(address)
        else:
            left_out.whole.add(address)
        _leave_out_what_follows(plan, state, address, left_out)
    _leave_out_losers(records, left_out)
    return _kept(plan, records, left_out)


def _leave_out_losers(records: Sequence[e.Recorded], left_out: _LeftOut) -> None:
    """Leave out the nodes that a join cancelled, when the join runs again."""
    for record in records:
        event = record.event
        if isinstance(event, e.NodeRunCancelled) and event.by in left_out.whole:
            left_out.whole.add(address_of(event.scope, event.node_id))


def rewritten(event: e.AnyNodeEvent, run_id: str, place: int) -> e.AnyNodeEvent:
    """A taken-over event as it stands in the new run's log."""
    changed: dict[str, Any] = {}
    if isinstance(event, e.StateMachineStarted):
        address = address_of(event.scope, event.node_id)
        changed = {"token": review_token(run_id, address, event.attempt)}
    if isinstance(event, e.InputReceived):
        # The same answer taken over twice counts once.
        changed = {"key": event.key or event.id}
    return msgspec.structs.replace(
        event, id=f"{run_id}:taken_over:{place}", run_id=run_id, causation_id=event.id, **changed
    )


def _folded(plan: Plan, records: Sequence[e.Recorded]) -> RunState:
    *_, (_, state) = _steps(plan, records)
    return state


def _steps(plan: Plan, records: Sequence[e.Recorded]) -> Iterable[tuple[e.Recorded, RunState]]:
    """The records that changed the state, each with the state after it."""
    first = records[0]
    if not isinstance(first.event, e.RunStarted):
        message = "a run's log begins with run_started"
        raise TypeError(message)
    state, _ = begin(plan, first.event, first.seq, first.time)
    yield first, state
    for record in records[1:]:
        after, _ = evolve(plan, state, record)
        if after is not state:
            state = after
            yield record, state


def _failed(state: RunState) -> list[str]:
    """Addresses of nodes that failed for good; an inner one stands for the composites around it."""
    failing = sorted(
        at
        for at, node in state.nodes.items()
        if node.status == "failing" and not _is_tolerated(state, at)
    )
    inner = [at for at in failing if not any(other.startswith(f"{at}[") for other in failing)]
    return [_step_to_repeat(state, at) or at for at in inner]


def _step_to_repeat(state: RunState, address: str) -> str:
    """Of an agent that failed by what a model or a tool gave: the node that gave it."""
    agent = state.nodes[address].composite
    if not isinstance(agent, Agent) or not agent.unrecorded:
        return ""
    newest = min(agent.settled, default=min(agent.unrecorded))
    return address_of(child_scope(address, newest, agent.body_name(newest)), CALL)


def _is_tolerated(state: RunState, address: str) -> bool:
    """Whether a composite around an address went on, or ended well, in spite of the failure."""
    scope, _ = split_address(address)
    while scope:
        around, index = parent_of_scope(scope)
        node = state.nodes[around]
        if node.status in ENDED:
            return True
        rounds = node.composite
        if isinstance(rounds, Agent) and index not in rounds.unrecorded:
            return True
        is_tolerated = isinstance(rounds, Rounds) and index in rounds.failed
        if is_tolerated and node.status != "failing":
            return True
        scope, _ = split_address(around)
    return False


def _leave_out_what_follows(plan: Plan, state: RunState, address: str, left_out: _LeftOut) -> None:
    """Leave out everything downstream of a node, in its own graph and in those around it."""
    scope, node_id = split_address(address)
    inner = plan_of(plan, scope)
    reached = [node_id]
    while reached and inner is not None and (current := reached.pop()) in inner.nodes:
        for targets in inner.nodes[current].targets.values():
            for target in targets:
                if (at := address_of(scope, target)) not in left_out.whole:
                    left_out.whole.add(at)
                    reached.append(target)
    if scope:
        around, index = parent_of_scope(scope)
        left_out.items.add(scope)
        left_out.endings.add(around)
        composite = state.nodes[around].composite
        if isinstance(composite, Agent):
            before = left_out.later.get(around, frozenset())
            left_out.later[around] = before | composite.follows(index)
        elif _is_sequential(node_at(plan, around)):
            left_out.rounds[around] = min(index, left_out.rounds.get(around, index))
        _leave_out_what_follows(plan, state, around, left_out)


def _kept(plan: Plan, records: Sequence[e.Recorded], left_out: _LeftOut) -> list[e.AnyNodeEvent]:
    counted = list(_steps(plan, records))
    state = counted[-1][1]
    return [
        record.event
        for record, _ in counted
        if isinstance(record.event, e.NodeEvent)
        and not _is_left_out(record.event, left_out)
        and not _is_later(plan, record.event, left_out)
        and not _is_under_way(record.event, state)
    ]


def _is_left_out(event: e.NodeEvent, left_out: _LeftOut) -> bool:
    if not event.node_id:
        return True
    address = address_of(event.scope, event.node_id)
    is_state_timer = isinstance(event, e.TimerFired) and event.timer == "state"
    if address in left_out.endings and isinstance(event, ENDINGS) and not is_state_timer:
        return True
    if isinstance(event, agents.Ends) and any(
        parent_of_scope(scope) == (address, event.index) for scope in left_out.items
    ):
        return True
    if isinstance(event, e.LoopItemSucceeded | e.LoopItemFailed):
        branch = getattr(event, "branch", "")
        if child_scope(address, event.index, branch) in left_out.items:
            return True
    at = address
    while at:
        if at in left_out.whole:
            return True
        scope, _ = split_address(at)
        at = parent_of_scope(scope)[0] if scope else ""
    return False


def _is_sequential(composite: PlanNode) -> bool:
    """Whether each round of a composite may depend on those before it."""
    kind = kind_of(composite.type)
    return kind is not None and kind.sequential(composite.config)


def _is_later(plan: Plan, event: e.NodeEvent, left_out: _LeftOut) -> bool:
    """Whether an event belongs to a round after one that is run again, or ended that one early."""
    address = address_of(event.scope, event.node_id)
    if isinstance(event, e.LoopNext | e.LoopItemSucceeded | e.LoopItemFailed):
        return address in left_out.rounds and event.index > left_out.rounds[address]
    if isinstance(event, agents.Begins | agents.Ends) and address in left_out.later:
        return event.index in left_out.later[address]
    if event.scope in left_out.items and node_at(plan, address).type in JUMPS:
        return True
    scope = event.scope
    while scope:
        around, index = parent_of_scope(scope)
        if around in left_out.rounds and index > left_out.rounds[around]:
            return True
        if index in left_out.later.get(around, ()):
            return True
        scope, _ = split_address(around)
    return False


def _is_under_way(event: e.NodeEvent, state: RunState) -> bool:
    """Whether an event began something that had not ended."""
    node = state.nodes[address_of(event.scope, event.node_id)]
    if event.attempt != node.attempt:
        return False
    match event:
        case e.NodeRunStarted():
            return node.status == "running"
        case e.NodeRunWaiting():
            return node.status == "waiting" and event.waiting_for != "timer"
        case _:
            return False
