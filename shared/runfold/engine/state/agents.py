"""How far an agent is: its tools, its rounds, and the calls that its model asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from runfold.contracts import events as e
from runfold.contracts.agent_events import PlannedCall, Protocol, ToolSpec
from runfold.engine.state.open_scopes import OpenScopes
from runfold.errors import Failure
from runfold.graph.kinds.agent_tools import (
    APPROVE,
    ARGS,
    MODEL,
    PARAMETERS,
    ROUND,
    TOOL,
    list_body,
)

Purpose = Literal["list", "round", "approval", "call"]
CallStatus = Literal["planned", "asked", "approved", "running", "done"]


class AgentScope(msgspec.Struct, frozen=True):
    """What one of an agent's scopes is for."""

    purpose: Purpose
    round: int = -1
    """Which round it belongs to; -1: it comes before all."""
    source: str = ""
    """Of `list` and `call`: the entry of `tools`."""
    call: int = -1
    """Of `approval` and `call`: which of the round's calls."""


class ToolCall(msgspec.Struct, frozen=True):
    """One call, and what became of it."""

    id: str
    name: str
    status: CallStatus = "planned"
    arguments: dict[str, Any] | None = None
    told: str = ""
    """What the model is told, once it is done."""
    error: Failure | None = None
    bad: bool = False
    """Whether it could not be run, by the model's mistake."""
    extra: dict[str, Any] = {}
    """What the server wants to have back with the call."""


class Round(msgspec.Struct, frozen=True):
    """One answer of the model."""

    content: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    outputs: dict[str, Any] = {}
    usage: e.Usage | None = None


if TYPE_CHECKING:
    Scopes = HashTrieMap[int, AgentScope]
else:
    # Snapshots decode by these annotations, and the class cannot be subscripted.
    Scopes = HashTrieMap


class Agent(OpenScopes, frozen=True, kw_only=True, tag="agent"):
    """An agent. Its scopes are numbered in the order in which they began, of every purpose."""

    tools: tuple[ToolSpec, ...] = ()
    protocol: Protocol = "native"
    tool_choice: str = "auto"
    """Of the first round."""
    listed: tuple[str, ...] = ()
    """Entries whose tools were asked for."""
    scopes: Scopes = HashTrieMap()
    rounds: tuple[Round, ...] = ()
    asking: bool = False
    """Whether a round is under way."""
    last: bool = False
    """Whether the round that began last is the last one: without tools."""

    def body_name(self, index: int) -> str:
        """The name of the body that a scope runs."""
        scope = self.scopes[index]
        match scope.purpose:
            case "list":
                return list_body(scope.source)
            case "round":
                return MODEL
            case "approval":
                return APPROVE
            case _:
                return scope.source

    def names_inside(self, index: int) -> dict[str, Any]:
        """What this agent's own names mean inside a scope."""
        scope = self.scopes[index]
        match scope.purpose:
            case "list":
                return {}
            case "round":
                return {ROUND: self.request()}
            case _:
                call = self.rounds[-1].calls[scope.call]
                return self.names_of(call)

    def names_of(self, call: ToolCall) -> dict[str, Any]:
        """What names mean about one call."""
        spec = self.tool(call.name)
        names: dict[str, Any] = {ARGS: call.arguments or {}, TOOL: call.name}
        if spec is not None:
            names |= {TOOL: spec.tool or spec.name, PARAMETERS: _by_itself(spec.parameters)}
        return names

    def follows(self, index: int) -> frozenset[int]:
        """The scopes that depend on what one of them came to."""
        first = self.scopes[index]

        def depends(number: int, scope: AgentScope) -> bool:
            is_whole = first.purpose in ("list", "round")
            same = scope.round == first.round and (is_whole or scope.call == first.call)
            return scope.round > first.round or (same and number > index)

        return frozenset(n for n, scope in self.scopes.items() if n != index and depends(n, scope))

    def tool(self, name: str) -> ToolSpec | None:
        """The tool that the model calls so, or None."""
        return next((one for one in self.tools if one.name == name), None)

    def request(self) -> dict[str, Any]:
        """What a round sends beside the prompt."""
        wanted = "auto" if self.rounds else self.tool_choice
        # Models that think want all of their thoughts back, also where there were none.
        thinks = any(one.reasoning for one in self.rounds)
        return {
            "transcript": [
                message for one in self.rounds for message in _messages(one, thinks=thinks)
            ],
            "tools": [
                {
                    "name": one.name,
                    "description": one.description,
                    "parameters": one.parameters,
                }
                for one in self.tools
            ],
            "tool_protocol": self.protocol,
            "tool_choice": "none" if self.last else wanted,
        }


def agent_of(event: e.AgentStarted) -> Agent:
    """An agent that has just begun."""
    return Agent(tools=event.tools, protocol=event.protocol, tool_choice=event.tool_choice)


def planned(call: PlannedCall) -> ToolCall:
    """A call as the model asked for it; one that has a problem is done."""
    made = ToolCall(call.id, call.name, arguments=call.arguments, extra=call.extra)
    return replace(made, status="done", told=call.problem, bad=call.bad) if call.problem else made


def with_call(agent: Agent, place: int, **changes: Any) -> Agent:
    """The agent with one call of its newest round changed."""
    *before, newest = agent.rounds
    calls = list(newest.calls)
    calls[place] = replace(calls[place], **changes)
    return replace(agent, rounds=(*before, replace(newest, calls=tuple(calls))))


def _messages(one: Round, *, thinks: bool) -> list[dict[str, Any]]:
    """A round as it is told to the model afterwards: in the order of its calls."""
    said: dict[str, Any] = {"role": "assistant", "content": one.content}
    if thinks:
        said["reasoning_content"] = one.reasoning
    if one.calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                # What was no JSON is not sent back: some servers answer it with an error.
                "function": {"name": call.name, "arguments": _written(call.arguments or {})},
                **({"extra": call.extra} if call.extra else {}),
            }
            for call in one.calls
        ]
    results = [
        {"role": "tool", "tool_call_id": call.id, "name": call.name, "content": call.told}
        for call in one.calls
    ]
    return [said, *results]


def _written(arguments: dict[str, Any]) -> str:
    return msgspec.json.encode(arguments).decode()


def _by_itself(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as part of another one, where references inside it would lead elsewhere."""
    plain = {name: part for name, part in schema.items() if name not in ("$schema", "$id")}
    written = msgspec.json.encode(plain)
    elsewhere = any(mark in written for mark in (b'"$ref"', b'"$dynamicRef"', b'"$schema"'))
    return {"type": "object"} if elsewhere else {"type": "object", **plain}
