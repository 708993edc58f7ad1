"""What a model asks for, against the tools it has: which calls can be run, and what it is told."""

from __future__ import annotations

from typing import Any

from runfold.contracts.agent_events import PlannedCall
from runfold.contracts.json_writer import write_json
from runfold.engine.state.agents import Agent, ToolCall
from runfold.errors import NodeFailed, RunfoldError
from runfold.values.conditions import evaluate
from runfold.values.json_schema import mismatches
from runfold.values.json_text import text_of
from runfold.values.references import Lookup

MAX_BAD_CALLS = 3
REPEATED = 3
"""The same call so often in a row is not run; once more fails the agent."""
MAX_RESULT_CHARS = 8000
_LONGEST_NAME = 256
_TOLD = 5
"""Places of arguments that do not fit and that the model is told."""
_SAME = "this call was made before with the same arguments, and its result stands above"


def planned_calls(
    config: dict[str, Any], agent: Agent, asked: list[dict[str, Any]]
) -> tuple[PlannedCall, ...]:
    """The calls of a round as they are recorded.

    Args:
        config: The agent's.
        agent: With the rounds before.
        asked: `tool_calls` of the model's node: `{id, name, arguments, raw, problem}` each.

    Raises:
        NodeFailed: `agent.bad_calls`, `agent.repeats_itself`: the model does not get on.
    """
    before = [call for one in agent.rounds for call in one.calls]
    most = config.get("max_tool_calls")
    bad_in_a_row = _bad_at_the_end(before)
    found: list[PlannedCall] = []
    for call in asked:
        name, arguments = str(call.get("name", ""))[:_LONGEST_NAME], call.get("arguments")
        problem = _problem(agent, name, call)
        bad = bool(problem)
        if not bad:
            again = _rounds_in_a_row(agent, name, arguments)
            if again >= REPEATED:
                raise _repeats_itself(name, again)
            problem = f"error: {_SAME}" if again == REPEATED - 1 else ""
        if not problem and most is not None and len(before) + len(found) >= most:
            problem = f"error: the limit of {most} calls is reached; answer with what there is"
        bad_in_a_row = bad_in_a_row + 1 if bad else 0
        if bad_in_a_row > config.get("max_bad_calls", MAX_BAD_CALLS):
            raise _bad_calls(name, problem, bad_in_a_row)
        one_id = str(call.get("id") or f"call_{len(agent.rounds)}_{len(found)}")
        usable = arguments if isinstance(arguments, dict) else None
        extra = call.get("extra")
        kept = extra if isinstance(extra, dict) else {}
        told = told_of(problem, config.get("max_result_chars", MAX_RESULT_CHARS))
        found.append(PlannedCall(one_id, name, usable, told, bad, kept))
    return tuple(found)


def needs_approval(entry: dict[str, Any], lookup: Lookup) -> bool:
    """Whether a call waits for a person.

    Args:
        entry: The entry of `tools`.
        lookup: What names mean to the call.

    Raises:
        NodeFailed: The condition cannot be worked out.
    """
    approve = entry.get("approve", "never")
    if isinstance(approve, dict):
        return evaluate(approve["when"], lookup)
    return bool(approve != "never")


def told_of(value: Any, most: int) -> str:
    """A result as the model is told of it, cut where it is long."""
    text = text_of(value)
    if len(text) <= most:
        return text
    return f"{text[:most]}\n… (the first {most} of {len(text)} characters)"


def _problem(agent: Agent, name: str, call: dict[str, Any]) -> str:
    """Why a call cannot be run, as the model is told; empty when it can."""
    spec = agent.tool(name)
    if spec is None:
        known = ", ".join(one.name for one in agent.tools) or "none"
        return f"error: there is no tool {name!r}; tools: {known}"
    arguments = call.get("arguments")
    if not isinstance(arguments, dict):
        why = call.get("reason") or call.get("problem") or "it is not an object"
        return f"error: the arguments of {name!r} are no JSON object: {why}"
    try:
        wrong = mismatches(arguments, spec.parameters)
    except RunfoldError as error:
        return f"error: the arguments of {name!r} cannot be checked: {error.message}"
    if not wrong:
        return ""
    told = "; ".join(f"{one.path}: {one.message}" for one in wrong[:_TOLD])
    return f"error: the arguments of {name!r} do not fit its schema: {told}"


def _bad_at_the_end(calls: list[ToolCall]) -> int:
    count = 0
    for call in reversed(calls):
        if not call.bad:
            break
        count += 1
    return count


def _rounds_in_a_row(agent: Agent, name: str, arguments: Any) -> int:
    """In how many of the newest rounds the same call was made.

    Calls of one round are side by side: they are not the model going in a circle.
    """
    same = write_json([name, arguments])
    count = 0
    for one in reversed(agent.rounds):
        if not any(write_json([call.name, call.arguments]) == same for call in one.calls):
            break
        count += 1
    return count


def _repeats_itself(name: str, times: int) -> NodeFailed:
    message = (
        f"the model called {name!r} in {times + 1} rounds in a row with the same arguments and was "
        "told so; give it a clearer prompt, or a tool that helps it on"
    )
    return NodeFailed(message, code="agent.repeats_itself", kind="output", details={"tool": name})


def _bad_calls(name: str, problem: str, times: int) -> NodeFailed:
    message = f"{times} calls in a row could not be run, the last of {name!r}: {problem}"
    return NodeFailed(message, code="agent.bad_calls", kind="output", details={"tool": name})
