"""The `agent` kind: how one begins, and what follows where it is.

One decision follows at a time: what a scope that has ended came to, else the calls that are to run,
else the next round or the end. What scopes came to is in `agent_endings`; what a model's answer
asks for, in `tool_calls`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts import events as e
from runfold.engine.decide.agent_endings import scope_ended, with_place
from runfold.engine.decide.agent_tools import own_tool
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.tool_calls import needs_approval
from runfold.engine.state.agents import Agent, ToolCall
from runfold.engine.state.names import with_names
from runfold.engine.state.usage import NOTHING, added
from runfold.errors import NodeFailed, RunfoldError
from runfold.graph.kinds.agent import Budget
from runfold.graph.kinds.agent_tools import entries_of, listing_of

MAX_ROUNDS = 10


def start(ctx: NodeContext) -> Append:
    """Begin the agent, with the tools that its configuration says by itself."""
    tools = tuple(
        own_tool(ctx, name, entry)
        for name, (_, entry) in entries_of(ctx.config).items()
        if listing_of(entry) is None
    )
    protocol = "text" if ctx.config.get("strategy") == "react" else "native"
    choice = ctx.config.get("tool_choice") or "auto"
    return Append(ctx.event(e.AgentStarted, tools=tools, protocol=protocol, tool_choice=choice))


def decide_agent(ctx: NodeContext) -> list[Effect]:
    """What follows in an agent that is active."""
    agent = ctx.composite(Agent)
    try:
        if agent.settled:
            return [Append(scope_ended(ctx, agent, index)) for index in _recordable(agent)]
        return [Append(one) for one in _next(ctx, agent)]
    except RunfoldError as error:
        return [Append(ctx.event(e.AgentFailed, error=with_place(ctx, error.failure())))]


# --- what follows ---------------------------------------------------------------------------------


def _recordable(agent: Agent) -> list[int]:
    """The ended scopes to be recorded: lists of tools in their order, for names are given out."""
    lists = [n for n in agent.unrecorded if agent.scopes[n].purpose == "list"]
    if lists:
        return [min(lists)] if min(lists) in agent.settled else []
    return sorted(agent.settled)


def _next(ctx: NodeContext, agent: Agent) -> list[e.AnyNodeEvent]:
    """The events that follow; none while a list or a round is under way."""
    sources = [
        name
        for name, (_, entry) in entries_of(ctx.config).items()
        if listing_of(entry) is not None and name not in agent.listed
    ]
    if sources:
        return [
            ctx.event(e.AgentToolsStarted, of=str(index), index=index, source=source)
            for index, source in enumerate(sources, agent.begun)
        ]
    purposes = {agent.scopes[index].purpose for index in agent.under_way}
    if purposes & {"list", "round"}:
        return []
    calls = agent.rounds[-1].calls if agent.rounds else ()
    if any(call.status != "done" for call in calls):
        return _due_calls(ctx, agent, calls)
    if agent.rounds and (not calls or agent.last):
        return [_answered(ctx, agent)]
    return [_round(ctx, agent)]


def _due_calls(ctx: NodeContext, agent: Agent, calls: tuple[ToolCall, ...]) -> list[e.AnyNodeEvent]:
    """The calls that may begin, as many as have room; those to be approved take none."""
    running = sum(call.status == "running" for call in calls)
    room = ctx.config.get("concurrency", 8) - running
    found: list[e.AnyNodeEvent] = []
    for place, call in enumerate(calls):
        if call.status not in ("planned", "approved"):
            continue
        index = agent.begun + len(found)
        about: dict[str, Any] = {
            "index": index,
            "round": len(agent.rounds) - 1,
            "call": place,
            "tool": call.name,
            "arguments": call.arguments or {},
        }
        if call.status == "planned" and _must_be_approved(ctx, agent, call):
            found.append(ctx.event(e.ToolApprovalStarted, of=str(index), **about))
        elif room > 0:
            room -= 1
            source = _source_of(agent, call)
            found.append(ctx.event(e.ToolCallStarted, of=str(index), source=source, **about))
    return found


def _must_be_approved(ctx: NodeContext, agent: Agent, call: ToolCall) -> bool:
    _, entry = entries_of(ctx.config)[_source_of(agent, call)]
    return needs_approval(entry, with_names(agent.names_of(call), ctx.lookup))


def _source_of(agent: Agent, call: ToolCall) -> str:
    spec = agent.tool(call.name)
    if spec is None:
        message = f"there is no tool {call.name!r}"
        raise LookupError(message)
    return spec.source


def _round(ctx: NodeContext, agent: Agent) -> e.AgentRoundStarted:
    """Ask the model again.

    Raises:
        NodeFailed: `agent.budget`, when what it may use up is used up.
    """
    _check_budget(ctx, agent)
    number, index = len(agent.rounds), agent.begun
    last = number + 1 >= ctx.config.get("max_rounds", MAX_ROUNDS) or _calls_used_up(ctx, agent)
    return ctx.event(e.AgentRoundStarted, of=str(index), index=index, round=number, last=last)


def _calls_used_up(ctx: NodeContext, agent: Agent) -> bool:
    most = ctx.config.get("max_tool_calls")
    return most is not None and sum(len(one.calls) for one in agent.rounds) >= most


def _check_budget(ctx: NodeContext, agent: Agent) -> None:
    budget = msgspec.convert(ctx.config.get("budget") or {}, Budget)
    used = usage_of(agent)
    for name, most, spent in (
        ("tokens", budget.tokens, used.total_tokens),
        ("cost", budget.cost, used.cost),
    ):
        if most is not None and spent >= most:
            message = (
                f"after {len(agent.rounds)} rounds the agent has used {spent:g} of its budget of "
                f"{most:g} ({name}); raise `budget.{name}`, or lower `max_rounds`"
            )
            details = {"budget": name, "limit": most, "used": spent}
            raise NodeFailed(message, code="agent.budget", kind="limit", details=details)


# --- the end --------------------------------------------------------------------------------------


def _answered(ctx: NodeContext, agent: Agent) -> e.AgentSucceeded:
    """End the agent with its last answer."""
    newest = agent.rounds[-1]
    outputs = {
        "output": newest.content,
        "reasoning": newest.reasoning,
        **newest.outputs,
        "rounds": len(agent.rounds),
        "tool_calls": [
            {"round": number, **_shown(call)}
            for number, one in enumerate(agent.rounds)
            for call in one.calls
        ],
        "reason": _reason(ctx, agent),
        "usage": usage_of(agent),
    }
    return ctx.event(e.AgentSucceeded, outputs=msgspec.to_builtins(outputs))


def _reason(ctx: NodeContext, agent: Agent) -> str:
    if not agent.last:
        return "answer"
    return "max_tool_calls" if _calls_used_up(ctx, agent) else "max_rounds"


def usage_of(agent: Agent) -> e.Usage:
    """What all rounds of an agent used up."""
    total = NOTHING
    for one in agent.rounds:
        total = total if one.usage is None else added(total, one.usage)
    return total


def _shown(call: ToolCall) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": call.id, "name": call.name, "arguments": call.arguments}
    if call.error is not None:
        error = call.error
        return {**shown, "error": {"code": error.code, "message": error.message}}
    return {**shown, "output": call.told}
