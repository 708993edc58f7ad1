"""Agents: tools are listed, rounds begin and end, calls are approved, run and answered.

What follows is decided in `decide.agents`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.evolve.compensation import can_advance
from runfold.engine.evolve.scopes import close_scope, open_scope
from runfold.engine.state.agents import (
    Agent,
    AgentScope,
    CallStatus,
    Purpose,
    Round,
    planned,
    with_call,
)
from runfold.engine.state.open_scopes import recorded
from runfold.engine.state.scopes import plan_of
from runfold.engine.state.step import UNTOUCHED, Step
from runfold.ids import address_of, child_scope

if TYPE_CHECKING:
    from runfold.engine.state.runs import RunState
    from runfold.graph.plan.plan import Plan

Begins = e.AgentToolsStarted | e.AgentRoundStarted | e.ToolApprovalStarted | e.ToolCallStarted
Ends = (
    e.AgentToolsSucceeded
    | e.AgentRoundSucceeded
    | e.AgentRoundFailed
    | e.ToolApprovalSucceeded
    | e.ToolCallSucceeded
    | e.ToolCallFailed
)


def evolve_agent(plan: Plan, state: RunState, record: e.Recorded, event: Begins | Ends) -> Step:
    """Fold one event of an agent."""
    address = address_of(event.scope, event.node_id)
    agent = _current(state, address, event)
    if agent is None:
        return state, UNTOUCHED
    if isinstance(event, Begins):
        return _begun(plan, state, record, event, agent)
    return _ended(state, record, event, agent)


def _current(state: RunState, address: str, event: e.NodeEvent) -> Agent | None:
    """The agent an event is about; None when it cannot change it any more."""
    node = state.nodes.get(address)
    if node is None or node.status != "active" or event.attempt != node.attempt:
        return None
    agent = node.composite
    return agent if isinstance(agent, Agent) and can_advance(state, address) else None


# --- scopes begin ---------------------------------------------------------------------------------


def _begun(plan: Plan, state: RunState, record: e.Recorded, event: Begins, agent: Agent) -> Step:
    # A fork leaves scopes out, and their numbers with them.
    if event.index < agent.begun:
        return state, UNTOUCHED
    after = _with_scope(agent, event)
    graph = plan_of(plan, event.scope)
    if after is None or graph is None:
        return state, UNTOUCHED
    after = replace(
        after,
        begun=event.index + 1,
        under_way=after.under_way.insert(event.index, record.time),
    )
    name = after.body_name(event.index)
    body = graph.body(event.node_id, name)
    if body is None:
        return state, UNTOUCHED
    address = address_of(event.scope, event.node_id)
    state = _with_agent(state, record, address, after)
    state, touched = open_scope(body, state, child_scope(address, event.index, name))
    return state, (*touched, address)


def _with_scope(agent: Agent, event: Begins) -> Agent | None:
    """The agent with one more scope; None when the event does not fit."""
    match event:
        case e.AgentToolsStarted():
            if event.source in agent.listed or agent.rounds or agent.asking:
                return None
            scope = AgentScope("list", source=event.source)
            agent = replace(agent, listed=(*agent.listed, event.source))
        case e.AgentRoundStarted():
            if event.round != len(agent.rounds) or agent.asking:
                return None
            scope = AgentScope("round", event.round)
            agent = replace(agent, asking=True, last=event.last)
        case e.ToolApprovalStarted():
            if not _has(agent, event, "planned"):
                return None
            scope = AgentScope("approval", event.round, call=event.call)
            agent = with_call(agent, event.call, status="asked")
        case e.ToolCallStarted():
            if not _has(agent, event, "planned", "approved"):
                return None
            scope = AgentScope("call", event.round, event.source, call=event.call)
            agent = with_call(agent, event.call, status="running", arguments=event.arguments)
        case _:
            assert_never(event)
    return replace(agent, scopes=agent.scopes.insert(event.index, scope))


# --- scopes end -----------------------------------------------------------------------------------


def _ended(state: RunState, record: e.Recorded, event: Ends, agent: Agent) -> Step:
    index = event.index
    if index not in agent.settled and index not in agent.under_way:
        return state, UNTOUCHED
    after = _with_result(agent, event)
    if after is None:
        return state, UNTOUCHED
    address = address_of(event.scope, event.node_id)
    inside = child_scope(address, index, agent.body_name(index))
    if inside in state.scopes:
        state = close_scope(state, inside)
    return _with_agent(state, record, address, recorded(after, index)), (address,)


def _with_result(agent: Agent, event: Ends) -> Agent | None:
    """The agent with what a scope came to; None when the event does not fit."""
    purpose = agent.scopes[event.index].purpose
    if purpose != _PURPOSES[type(event)]:
        return None
    match event:
        case e.AgentToolsSucceeded():
            return replace(agent, tools=(*agent.tools, *event.tools))
        case e.AgentRoundSucceeded():
            calls = tuple(planned(one) for one in event.calls)
            said = Round(event.content, event.reasoning, calls, event.outputs, event.usage)
            return replace(agent, rounds=(*agent.rounds, said), asking=False)
        case e.AgentRoundFailed():
            return replace(agent, asking=False, protocol=event.protocol)
        case e.ToolApprovalSucceeded() | e.ToolCallSucceeded() | e.ToolCallFailed():
            return _with_call_ended(agent, event)
        case _:
            assert_never(event)


_PURPOSES: dict[type[Ends], Purpose] = {
    e.AgentToolsSucceeded: "list",
    e.AgentRoundSucceeded: "round",
    e.AgentRoundFailed: "round",
    e.ToolApprovalSucceeded: "approval",
    e.ToolCallSucceeded: "call",
    e.ToolCallFailed: "call",
}
"""Event → what the scope is for that it ends."""


def _with_call_ended(
    agent: Agent, event: e.ToolApprovalSucceeded | e.ToolCallSucceeded | e.ToolCallFailed
) -> Agent | None:
    if not _has(agent, event, "asked" if isinstance(event, e.ToolApprovalSucceeded) else "running"):
        return None
    match event:
        case e.ToolApprovalSucceeded(approved=True):
            return with_call(agent, event.call, status="approved", arguments=event.arguments)
        case e.ToolApprovalSucceeded():
            return with_call(agent, event.call, status="done", told=event.told)
        case e.ToolCallSucceeded():
            return with_call(agent, event.call, status="done", told=event.output)
        case e.ToolCallFailed():
            told = f"error: {event.error.message}"
            return with_call(agent, event.call, status="done", told=told, error=event.error)
        case _:
            assert_never(event)


def _has(
    agent: Agent,
    event: e.ToolApprovalStarted
    | e.ToolApprovalSucceeded
    | e.ToolCallStarted
    | e.ToolCallSucceeded
    | e.ToolCallFailed,
    *statuses: CallStatus,
) -> bool:
    """Whether the newest round has the call that an event is about, in one of some statuses."""
    if event.round != len(agent.rounds) - 1:
        return False
    calls = agent.rounds[-1].calls
    return 0 <= event.call < len(calls) and calls[event.call].status in statuses


def _with_agent(state: RunState, record: e.Recorded, address: str, agent: Agent) -> RunState:
    nodes = state.nodes.insert(address, replace(state.nodes[address], composite=agent))
    return replace(state, nodes=nodes, last_seq=record.seq, now=record.time)
