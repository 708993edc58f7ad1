"""What a terminal says of an agent's steps: rounds, approvals, calls and their results."""

from __future__ import annotations

from typing import assert_never

import msgspec

from runfold.contracts import events as e

AgentEvent = (
    e.AgentStarted
    | e.AgentToolsSucceeded
    | e.AgentRoundSucceeded
    | e.AgentRoundFailed
    | e.ToolApprovalSucceeded
    | e.ToolCallStarted
    | e.ToolCallSucceeded
    | e.ToolCallFailed
)
AGENT_EVENTS: tuple[type[AgentEvent], ...] = AgentEvent.__args__
_LONGEST = 100
"""Characters of arguments or results in a line."""


def said_of_agent(event: AgentEvent) -> str:
    """An event of an agent as the end of a line."""
    match event:
        case e.AgentStarted():
            return f"agent, {len(event.tools)} tools"
        case e.AgentToolsSucceeded():
            return f"{event.source} has {len(event.tools)} tools"
        case e.AgentRoundSucceeded():
            names = ", ".join(one.name for one in event.calls)
            return f"round {event.round + 1}: " + (f"calls {_line(names)}" if names else "answers")
        case e.AgentRoundFailed():
            return f"round {event.round + 1} again, in text: {_line(event.error.message)}"
        case e.ToolApprovalSucceeded():
            return "approved" if event.approved else _line(event.told)
        case e.ToolCallStarted():
            arguments = msgspec.json.encode(event.arguments).decode()
            return f"{_line(event.tool)} {_line(arguments)}"
        case e.ToolCallSucceeded():
            return f"{_line(event.tool)}: {_line(event.output)}"
        case e.ToolCallFailed():
            return f"{_line(event.tool)}: {event.error.code}: {_line(event.error.message)}"
        case _:
            assert_never(event)


def _line(text: str) -> str:
    """A text in one line of bounded length, without what moves a terminal's cursor."""
    shown = "".join(one if one.isprintable() else " " for one in text[: 2 * _LONGEST])
    line = " ".join(shown.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
