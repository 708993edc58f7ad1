"""The `agent` kind: how one begins, and what follows where it is.

One decision follows at a time: what a scope that has ended came to, else the calls that are to run,
else the next round or the end. What a model's answer asks for is read in `tool_calls`.
"""

from __future__ import annotations

import fnmatch
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.contracts.agent_events import LeftOut, ToolSpec
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.tool_calls import needs_approval, planned_calls, told_of
from runfold.engine.state.agents import Agent, AgentScope, ToolCall
from runfold.engine.state.names import lookup_in_scope, with_names
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.usage import NOTHING, added
from runfold.errors import Failure, NodeFailed, RunfoldError
from runfold.graph.inputs import schema_of_inputs
from runfold.graph.kinds.agent_tools import (
    CALL,
    NAME,
    REVIEW,
    entries_of,
    listing_of,
    parameters_of,
)
from runfold.ids import address_of
from runfold.values.json_schema import mismatches, schema_problem
from runfold.values.templates import render

_REFUSED = {
    "human.rejected": "error: a person did not let this call run",
    "human.timeout": "error: this call needs a person's approval, and none came in time",
}
"""Code of a review that is not an approval → what the model is told."""
TOOLS_UNSUPPORTED = "llm.tools_unsupported"
"""The code of a model that knows no tools."""
MAX_ROUNDS = 10
_LONGEST_DESCRIPTION = 1024


def start(ctx: NodeContext) -> Append:
    """Begin the agent, with the tools that its configuration says by itself."""
    tools = tuple(
        _spec(ctx, name, entry)
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
            indexes = sorted(agent.settled)
            return [Append(_scope_ended(ctx, agent, index)) for index in indexes]
        return [Append(one) for one in _next(ctx, agent)]
    except RunfoldError as error:
        return [Append(ctx.event(e.AgentFailed, error=_with_place(ctx, error.failure())))]


def scope_failed(ctx: NodeContext, index: int, path: str, failure: Failure) -> e.AnyNodeEvent:
    """The event for a scope in which a node failed for good."""
    agent = ctx.composite(Agent)
    scope = agent.scopes[index]
    if scope.purpose == "call":
        return _call_failed(ctx, agent, index, scope, failure)
    if scope.purpose == "approval" and failure.code in _REFUSED:
        held = ctx.state.nodes[address_of(path, REVIEW)]
        feedback = held.answer.feedback if held.answer else ""
        said = f": {feedback}" if feedback else ""
        return _not_approved(ctx, agent, index, _REFUSED[failure.code] + said)
    falls_back = ctx.config.get("strategy") == "auto" and agent.protocol == "native"
    if scope.purpose == "round" and falls_back and failure.code == TOOLS_UNSUPPORTED:
        about = {"index": index, "round": len(agent.rounds)}
        return ctx.event(e.AgentRoundFailed, of=str(index), error=failure, **about)
    details = {"scope": path, **failure.details}
    return ctx.event(e.AgentFailed, index=index, error=replace(failure, details=details))


# --- tools ----------------------------------------------------------------------------------------


def _spec(ctx: NodeContext, name: str, entry: dict[str, Any]) -> ToolSpec:
    """A tool that is one by itself."""
    parameters, description = parameters_of(entry), str(entry.get("description") or "")
    body = ctx.graph.body(ctx.planned.id, name)
    called = body.body(CALL) if body is not None and entry["type"] == "sub_workflow" else None
    if called is not None:
        if not entry.get("parameters"):
            parameters = schema_of_inputs(called.inputs, closed=called.closed_inputs)
        workflow = called.library.workflow(called.workflow_id)
        description = description or (workflow.description or workflow.name if workflow else "")
    return ToolSpec(name, name, _shortened(description), parameters)


def _listed(ctx: NodeContext, agent: Agent, source: str, tools: Any) -> dict[str, Any]:
    """What a server's tools come to: those the model is told of, and those left out, with why."""
    _, entry = entries_of(ctx.config)[source]
    listing = listing_of(entry)
    only = entry.get("config", {}).get(listing.tool) if listing else None
    taken = {one.name for one in agent.tools}
    found, left_out = [], []
    for tool in tools if isinstance(tools, list) else []:
        told = str(tool.get("name", ""))
        reason = _refusal(tool, told, entry, only)
        if reason:
            left_out.append(LeftOut(told, reason))
            continue
        name = _free_name(told, source, taken)
        taken.add(name)
        parameters = tool.get("parameters") or {"type": "object", "properties": {}}
        description = _shortened(str(tool.get("description") or ""))
        found.append(ToolSpec(name, source, description, parameters, told))
    if only and not found:
        message = f"tool {source!r}: there is no {only!r} among those that are listed"
        raise NodeFailed(message, code="agent.unknown_tool", kind="input")
    return {"source": source, "tools": tuple(found), "left_out": tuple(left_out)}


def _refusal(tool: dict[str, Any], name: str, entry: dict[str, Any], only: Any) -> str:
    """Why the model is not told of a tool; empty when it is."""
    if only and name != only:
        return "another one is named"
    allow, deny = entry.get("allow") or ["*"], entry.get("deny") or []
    if not any(fnmatch.fnmatchcase(name, one) for one in allow):
        return "not in allow"
    if any(fnmatch.fnmatchcase(name, one) for one in deny):
        return "in deny"
    problem = schema_problem(tool.get("parameters") or {})
    return f"its parameters are no JSON Schema: {problem}" if problem else ""


def _free_name(told: str, source: str, taken: set[str]) -> str:
    """A name that APIs of models take and that no other tool has."""
    plain = "".join(one if NAME.fullmatch(one) else "_" for one in told)[:64] or "tool"
    candidates = [plain, f"{source}_{plain}"[:64]]
    free = next((one for one in candidates if one not in taken), "")
    number = 2
    while not free:
        numbered = f"{plain[:60]}_{number}"
        free, number = ("" if numbered in taken else numbered), number + 1
    return free


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[: _LONGEST_DESCRIPTION - 1]}…"


# --- what follows ---------------------------------------------------------------------------------


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
    return ctx.event(
        e.AgentRoundStarted, of=str(index), index=index, round=number, last=last and number > 0
    )


def _calls_used_up(ctx: NodeContext, agent: Agent) -> bool:
    most = ctx.config.get("max_tool_calls")
    return most is not None and sum(len(one.calls) for one in agent.rounds) >= most


def _check_budget(ctx: NodeContext, agent: Agent) -> None:
    budget, used = ctx.config.get("budget") or {}, usage_of(agent)
    for name, spent in (("tokens", used.total_tokens), ("cost", used.cost)):
        most = budget.get(name)
        if most is not None and spent >= most:
            message = (
                f"after {len(agent.rounds)} rounds the agent has used {spent:g} of its budget of "
                f"{most:g} ({name}); raise `budget.{name}`, or lower `max_rounds`"
            )
            details = {"budget": name, "limit": most, "used": spent}
            raise NodeFailed(message, code="agent.budget", kind="limit", details=details)


# --- what scopes came to --------------------------------------------------------------------------


def _scope_ended(ctx: NodeContext, agent: Agent, index: int) -> e.AnyNodeEvent:
    """The event that records what a scope that has ended came to."""
    scope = agent.scopes[index]
    node_id = REVIEW if scope.purpose == "approval" else CALL
    held = ctx.state.nodes[address_of(ctx.inside(index, agent.body_name(index)), node_id)]
    match scope.purpose:
        case "list":
            listed = _listed(ctx, agent, scope.source, held.outputs.get("tools"))
            return ctx.event(e.AgentToolsSucceeded, of=str(index), index=index, **listed)
        case "round":
            return _round_ended(ctx, agent, index, held)
        case "approval":
            return _approval_ended(ctx, agent, index, scope, held)
        case _:
            return _call_ended(ctx, agent, index, scope, held)


def _round_ended(
    ctx: NodeContext, agent: Agent, index: int, held: NodeState
) -> e.AgentRoundSucceeded:
    """What the model said.

    Raises:
        NodeFailed: `agent.no_answer`, and what `planned_calls` raises.
    """
    outputs = held.outputs
    asked = outputs.get("tool_calls") or []
    calls = () if agent.last else planned_calls(ctx.config, agent, asked)
    if not calls and not str(outputs.get("output") or "").strip():
        message = f"the model gave no answer in round {len(agent.rounds) + 1}"
        raise NodeFailed(message, code="agent.no_answer", kind="output")
    kept = ("model", "finish_reason", "structured", "citations")
    return ctx.event(
        e.AgentRoundSucceeded,
        of=str(index),
        index=index,
        round=len(agent.rounds),
        content=str(outputs.get("output") or ""),
        reasoning=str(outputs.get("reasoning") or ""),
        calls=calls,
        outputs={} if calls else {name: outputs[name] for name in kept if name in outputs},
        usage=held.usage,
    )


def _approval_ended(
    ctx: NodeContext, agent: Agent, index: int, scope: AgentScope, held: NodeState
) -> e.ToolApprovalSucceeded:
    call = agent.rounds[-1].calls[scope.call]
    values = held.outputs.get("values") or {}
    arguments = values.get("arguments", call.arguments) or {}
    spec = agent.tool(call.name)
    wrong = mismatches(arguments, spec.parameters) if spec and arguments != call.arguments else []
    if wrong:
        told = f"error: it was approved with arguments that do not fit: {wrong[0].message}"
        return _not_approved(ctx, agent, index, told)
    return _approval(ctx, agent, index, approved=True, arguments=arguments)


def _not_approved(ctx: NodeContext, agent: Agent, index: int, told: str) -> e.ToolApprovalSucceeded:
    return _approval(ctx, agent, index, approved=False, told=told)


def _approval(ctx: NodeContext, agent: Agent, index: int, **fields: Any) -> e.ToolApprovalSucceeded:
    return ctx.event(
        e.ToolApprovalSucceeded,
        of=str(index),
        index=index,
        round=len(agent.rounds) - 1,
        call=agent.scopes[index].call,
        **fields,
    )


def _call_ended(
    ctx: NodeContext, agent: Agent, index: int, scope: AgentScope, held: NodeState
) -> e.ToolCallSucceeded:
    most = ctx.config.get("max_result_chars", 8000)
    return ctx.event(
        e.ToolCallSucceeded,
        of=str(index),
        index=index,
        round=len(agent.rounds) - 1,
        call=scope.call,
        tool=agent.rounds[-1].calls[scope.call].name,
        output=told_of(_result(ctx, index, held), most),
    )


def _result(ctx: NodeContext, index: int, held: NodeState) -> Any:
    """What a call gave, as its entry says or as its node has it."""
    agent = ctx.composite(Agent)
    name = agent.body_name(index)
    template = ctx.config["bodies"][name].get("output")
    if template is None:
        return held.outputs.get("output", held.outputs)
    return render(template, lookup_in_scope(ctx.plan, ctx.state, ctx.inside(index, name)))


def _call_failed(
    ctx: NodeContext, agent: Agent, index: int, scope: AgentScope, failure: Failure
) -> e.AnyNodeEvent:
    call = agent.rounds[-1].calls[scope.call]
    details = {"tool": call.name, **failure.details}
    failure = replace(failure, details=details)
    _, entry = entries_of(ctx.config)[scope.source]
    if entry.get("on_error") == "fail":
        return ctx.event(e.AgentFailed, index=index, error=_with_place(ctx, failure))
    return ctx.event(
        e.ToolCallFailed,
        of=str(index),
        index=index,
        round=len(agent.rounds) - 1,
        call=scope.call,
        tool=call.name,
        error=failure,
    )


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


def _with_place(ctx: NodeContext, failure: Failure) -> Failure:
    """A failure of the agent itself, with its address in it."""
    details = {"node": ctx.planned.id, "scope": ctx.scope, **failure.details}
    return replace(failure, message=f"node {ctx.address!r}: {failure.message}", details=details)
