"""What the scopes of an agent came to: a list of tools, a round, an approval, a call."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.contracts.agent_events import ToolSpec
from runfold.engine.decide.agent_tools import listed_tools
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.tool_calls import planned_calls, told_of
from runfold.engine.state.agents import Agent, AgentScope
from runfold.engine.state.names import lookup_in_scope
from runfold.engine.state.nodes import NodeState
from runfold.errors import Failure, NodeFailed, RunfoldError
from runfold.graph.kinds.agent_tools import CALL, REVIEW, entries_of
from runfold.ids import address_of
from runfold.values.json_schema import mismatches
from runfold.values.templates import render

_REFUSED = {
    "human.rejected": "error: a person did not let this call run",
    "human.timeout": "error: this call needs a person's approval, and none came in time",
}
"""Code of a review that is not an approval → what the model is told."""
TOOLS_UNSUPPORTED = "llm.tools_unsupported"
"""The code of a model that knows no tools."""


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


def scope_ended(ctx: NodeContext, agent: Agent, index: int) -> e.AnyNodeEvent:
    """The event that records what a scope that has ended came to."""
    scope = agent.scopes[index]
    node_id = REVIEW if scope.purpose == "approval" else CALL
    held = ctx.state.nodes[address_of(ctx.inside(index, agent.body_name(index)), node_id)]
    match scope.purpose:
        case "list":
            listed = listed_tools(ctx, agent, scope.source, held.outputs.get("tools"))
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
    written = outputs.get("tool_calls")
    asked = [one for one in written if isinstance(one, dict)] if isinstance(written, list) else []
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
    arguments = values.get("arguments", call.arguments)
    wrong = "" if arguments == call.arguments else _unfit(agent.tool(call.name), arguments)
    if wrong:
        told = f"error: it was approved with arguments that do not fit: {wrong}"
        return _not_approved(ctx, agent, index, told)
    return _approval(ctx, agent, index, approved=True, arguments=arguments)


def _unfit(spec: ToolSpec | None, arguments: Any) -> str:
    """Why what a person wrote cannot be the arguments of a call; empty when it can."""
    if spec is None or not isinstance(arguments, dict):
        return "they are no object"
    try:
        found = mismatches(arguments, spec.parameters)
    except RunfoldError as error:
        return error.message
    return found[0].message if found else ""


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
) -> e.AnyNodeEvent:
    most = ctx.config.get("max_result_chars", 8000)
    try:
        output = told_of(_result(ctx, index, held), most)
    except RunfoldError as error:
        return _call_failed(ctx, agent, index, scope, error.failure())
    return ctx.event(
        e.ToolCallSucceeded,
        of=str(index),
        index=index,
        round=len(agent.rounds) - 1,
        call=scope.call,
        tool=agent.rounds[-1].calls[scope.call].name,
        output=output,
    )


def _result(ctx: NodeContext, index: int, held: NodeState) -> Any:
    """What a call gave, as its entry says or as its node has it."""
    agent = ctx.composite(Agent)
    name = agent.body_name(index)
    template = ctx.config["bodies"][name].get("output")
    if template is None:
        return held.outputs.get("output", held.outputs)
    names = lookup_in_scope(ctx.plan, ctx.state, ctx.inside(index, name))
    return render(template, names, profile=ctx.planned.profile)


def _call_failed(
    ctx: NodeContext, agent: Agent, index: int, scope: AgentScope, failure: Failure
) -> e.AnyNodeEvent:
    call = agent.rounds[-1].calls[scope.call]
    details = {"tool": call.name, **failure.details}
    failure = replace(failure, details=details)
    _, entry = entries_of(ctx.config)[scope.source]
    if entry.get("on_error") == "fail":
        return ctx.event(e.AgentFailed, index=index, error=with_place(ctx, failure))
    return ctx.event(
        e.ToolCallFailed,
        of=str(index),
        index=index,
        round=len(agent.rounds) - 1,
        call=scope.call,
        tool=call.name,
        error=failure,
    )


def with_place(ctx: NodeContext, failure: Failure) -> Failure:
    """A failure of the agent itself, with its address in it."""
    details = {"node": ctx.planned.id, "scope": ctx.scope, **failure.details}
    return replace(failure, message=f"node {ctx.address!r}: {failure.message}", details=details)
