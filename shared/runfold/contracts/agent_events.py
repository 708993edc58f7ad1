"""The facts about agents, which ask a model round after round and run the tools it calls.

A part of the union in `events`. A round and a call are nodes of a child scope each, so what they
took and gave is in the ordinary events of those nodes; what is here says which they are, and what
the model is told of them.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.contracts.envelope import NodeEvent
from runfold.contracts.loop_events import LoopFailed, LoopSucceeded
from runfold.contracts.parts import Usage
from runfold.errors import Failure

Protocol = Literal["native", "text"]
"""How a model is asked: with the tools of its API, or for one action as JSON text."""


class ToolSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool as a model is told of it."""

    name: str
    source: str
    """The entry of the agent's `tools` that it is from: the body in which its calls run."""
    description: str = ""
    parameters: dict[str, Any] = {}
    """JSON Schema of its arguments, an object."""
    tool: str = ""
    """Its name at the server or in the document that it is from."""


class LeftOut(msgspec.Struct, frozen=True):
    """A tool that a server lists and that the model is not told of."""

    name: str
    reason: str


class PlannedCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call that a model asked for."""

    id: str
    name: str
    arguments: dict[str, Any] | None = None
    """None: what the model sent is no JSON object."""
    problem: str = ""
    """Set: it is not run, and the model is told this."""
    bad: bool = False
    """Whether the problem is the model's mistake."""
    extra: dict[str, Any] = {}
    """What the server wants to have back with the call."""


class AgentStarted(NodeEvent, frozen=True, kw_only=True):
    """An agent began. What its model may call is fixed by this and by what servers list."""

    tools: tuple[ToolSpec, ...] = ()
    protocol: Protocol = "native"
    tool_choice: str = "auto"
    """Whether the first round is to call a tool."""


class AgentToolsStarted(NodeEvent, frozen=True, kw_only=True):
    """A server is asked for its tools, in the scope `node[source.list.index]`."""

    index: int
    source: str


class AgentToolsSucceeded(NodeEvent, frozen=True, kw_only=True):
    """A server listed its tools."""

    index: int
    source: str
    tools: tuple[ToolSpec, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class AgentRoundStarted(NodeEvent, frozen=True, kw_only=True):
    """The model is asked, in the scope `node[model.index]`."""

    index: int
    round: int
    """From 0."""
    last: bool = False
    """Whether it is to answer now: without tools."""


class AgentRoundSucceeded(NodeEvent, frozen=True, kw_only=True):
    """The model answered, or asked for calls."""

    index: int
    round: int
    content: str = ""
    reasoning: str = ""
    calls: tuple[PlannedCall, ...] = ()
    outputs: dict[str, Any] = {}
    """Of an answer: what else the model's node gave."""
    usage: Usage | None = None


class AgentRoundFailed(NodeEvent, frozen=True, kw_only=True):
    """The model knows no tools; it is asked again in another way."""

    index: int
    round: int
    error: Failure
    protocol: Protocol = "text"
    """How it is asked from now on."""


class ToolApprovalStarted(NodeEvent, frozen=True, kw_only=True):
    """A person is asked whether a call may run, in the scope `node[approve.index]`."""

    index: int
    round: int
    call: int
    """Which of the round's calls, from 0."""
    tool: str
    arguments: dict[str, Any] = {}


class ToolApprovalSucceeded(NodeEvent, frozen=True, kw_only=True):
    """A person answered, or the time for it was up."""

    index: int
    round: int
    call: int
    approved: bool
    arguments: dict[str, Any] = {}
    """What the call is run with; a person may have changed it."""
    told: str = ""
    """Of a call that was not approved: what the model is told."""


class ToolCallStarted(NodeEvent, frozen=True, kw_only=True):
    """A tool is called, in the scope `node[source.index]`."""

    index: int
    round: int
    call: int
    tool: str
    source: str
    arguments: dict[str, Any] = {}


class ToolCallSucceeded(NodeEvent, frozen=True, kw_only=True):
    """A tool gave a result."""

    index: int
    round: int
    call: int
    tool: str
    output: str = ""
    """What the model is told of it; all of it is in the event of the call's own node."""


class ToolCallFailed(NodeEvent, frozen=True, kw_only=True):
    """A tool failed for good, and the model is told so."""

    index: int
    round: int
    call: int
    tool: str
    error: Failure


class AgentSucceeded(LoopSucceeded, frozen=True, kw_only=True):
    """The model answered; `outputs` is what `{{node.…}}` reads, and completes the node."""


class AgentFailed(LoopFailed, frozen=True, kw_only=True):
    """The agent came to no answer; `index` is the scope that failed, if one did."""
