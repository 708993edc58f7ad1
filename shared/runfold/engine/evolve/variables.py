"""Variables: which scope owns one, and its value after an assignment.

Assignments are recorded as operations and applied here, in the order of the log. So branches that
write side by side lose nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import node_at
from runfold.errors import NodeFailed, RunfoldError
from runfold.ids import parent_of_scope, split_address

if TYPE_CHECKING:
    from runfold.graph.plan.plan import Plan

LARGEST = 4 * 1024 * 1024
"""Most characters of a text, and bytes of a list or object as JSON, in a variable."""
LONGEST = 100_000
"""Most entries of a list or object in a variable."""
CONVERSATION = "conversation"
"""The owner of variables that outlive a run."""


def owner_of(plan: Plan, state: RunState, scope: str, variable: str) -> str:
    """The owner of a variable that a node of a scope names.

    It is the address of the innermost composite that has the variable, `conversation`, or empty for
    the run.
    """
    if variable.startswith(f"{CONVERSATION}."):
        return CONVERSATION
    while scope:
        address, _ = parent_of_scope(scope)
        composite = state.nodes[address].composite
        held = {} if composite is None else composite.variables
        if node_at(plan, address).calls or variable in held:
            return address
        scope, _ = split_address(address)
    return ""


def value_of(state: RunState, owner: str, variable: str) -> Any:
    """The value of a variable, or None when there is no such variable."""
    return _held(state, owner).get(_name(variable))


def assigned(
    state: RunState, event: e.VariablesAssigned, node: NodeState
) -> tuple[RunState, NodeState]:
    """The state after all assignments of an event; or as it was, with the node failing."""
    try:
        after, values = all_applied(state, event.assignments)
    except RunfoldError as error:
        failure = error.failure()
        details = {"node": event.node_id, "scope": event.scope, **failure.details}
        message = f"node {event.node_id!r}: {failure.message}"
        failure = replace(failure, message=message, details=details)
        return state, replace(node, status="failing", error=failure, outputs={}, port="")
    return after, replace(node, outputs={**values, "output": values})


def all_applied(
    state: RunState, assignments: Iterable[e.Assignment]
) -> tuple[RunState, dict[str, Any]]:
    """The state after all assignments, and the value of each variable.

    Raises:
        NodeFailed: `variable.type`, when an operation does not fit its values.
    """
    after, values = state, {}
    for one in assignments:
        value = applied(one, value_of(after, one.owner, one.variable))
        values[_name(one.variable)] = value
        after = _with_value(after, one, value)
    return after, values


def applied(one: e.Assignment, present: Any) -> Any:
    """The value of a variable after an assignment; a present value of None is empty.

    Raises:
        NodeFailed: `variable.type`, when the operation does not fit the values, or the result would
            be too large.
    """
    value = _applied(one, present)
    _check_size(one, value)
    return value


def _check_size(one: e.Assignment, value: Any) -> None:
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise _misfit(one, "would leave the range of 64 bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise _misfit(one, f"would give {value}, which is not a finite number")
    if isinstance(value, str) and len(value) > LARGEST:
        raise _misfit(one, f"would make the text longer than {LARGEST} characters")
    if isinstance(value, list | dict):
        if len(value) > LONGEST:
            raise _misfit(one, f"would give more than {LONGEST} entries")
        nested = isinstance(one.value, list | dict | str)
        if nested and len(msgspec.json.encode(value)) > LARGEST:
            raise _misfit(one, f"would make the value larger than {LARGEST} bytes")


def _applied(one: e.Assignment, present: Any) -> Any:
    value = one.value
    match one.operation:
        case "set":
            return value
        case "clear":
            return _cleared(present)
        case "append":
            return [*_list(one, present), value]
        case "extend":
            return [*_list(one, present), *_list(one, value)]
        case "remove_first":
            return _list(one, present)[1:]
        case "remove_last":
            return _list(one, present)[:-1]
        case _:
            return _calculated(one, present)


def _calculated(one: e.Assignment, present: Any) -> Any:
    value = one.value
    if one.operation == "+=" and isinstance(value, str) and isinstance(present, str | None):
        return (present or "") + value
    if one.operation == "+=" and isinstance(value, list):
        return [*_list(one, present), *value]
    left, right = _number(one, 0 if present is None else present), _number(one, value)
    try:
        return _computed(one, left, right)
    except ArithmeticError as error:
        raise _misfit(one, f"cannot be computed: {error}") from error


def _computed(one: e.Assignment, left: float, right: float) -> Any:
    match one.operation:
        case "+=":
            return left + right
        case "-=":
            return left - right
        case "*=":
            return left * right
        case "/=" if right:
            quotient = left / right
            return int(quotient) if quotient.is_integer() else quotient
        case "/=":
            raise _misfit(one, "cannot be divided by 0")
        case _:
            raise _misfit(one, "is not an operation")


def _list(one: e.Assignment, value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise _misfit(one, f"needs a list, got {type(value).__name__}: {value!r:.100}")


def _number(one: e.Assignment, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise _misfit(one, f"needs a number, got {type(value).__name__}: {value!r:.100}")


def _cleared(present: Any) -> Any:
    for kind, empty in ((str, ""), (list, []), (dict, {}), (bool, False), (int | float, 0)):
        if isinstance(present, kind):
            return empty
    return None


def _misfit(one: e.Assignment, what: str) -> NodeFailed:
    message = f"variable {one.variable!r}: {one.operation} {what}"
    details = {"variable": one.variable, "operation": one.operation}
    return NodeFailed(message, code="variable.type", kind="input", details=details)


def _name(variable: str) -> str:
    return variable.removeprefix(f"{CONVERSATION}.")


def _held(state: RunState, owner: str) -> dict[str, Any]:
    if owner == CONVERSATION:
        return state.conversation
    if not owner:
        return state.values
    node = state.nodes.get(owner)
    return node.composite.variables if node is not None and node.composite is not None else {}


def _with_value(state: RunState, one: e.Assignment, value: Any) -> RunState:
    values = {**_held(state, one.owner), _name(one.variable): value}
    if one.owner == CONVERSATION:
        return replace(state, conversation=values)
    if not one.owner:
        return replace(state, values=values)
    node = state.nodes.get(one.owner)
    if node is None or node.composite is None:
        return state
    composite = replace(node.composite, variables=values)
    return replace(state, nodes=state.nodes.insert(one.owner, replace(node, composite=composite)))
