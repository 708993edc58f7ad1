"""The `assign` kind, and the assignments of a state machine's transitions."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.contracts.json_reader import read_json
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.evolve.variables import applied, owner_of, value_of
from runfold.errors import NodeFailed, Undecodable
from runfold.values.profiles import Rules, rules_of
from runfold.values.references import Lookup
from runfold.values.templates import AsNeeded, render
from runfold.values.types import kind_name


def assign(ctx: NodeContext) -> Append:
    """Record the assignments of an `assign` node.

    Raises:
        NodeFailed: `variable.type`, when an operation does not fit its values.
    """
    assignments = assignments_from(ctx.config["assignments"], ctx, ctx.scope, ctx.lookup)
    return Append(ctx.event(e.VariablesAssigned, assignments=assignments))


def assignments_from(
    written: Iterable[dict[str, Any]], ctx: NodeContext, scope: str, around: Lookup
) -> tuple[e.Assignment, ...]:
    """Assignments as they are to be recorded, each value rendered after those before it.

    Args:
        written: The assignments as the author wrote them.
        ctx: The node whose assignments they are.
        scope: The scope in which the variables are named.
        around: What names mean before the first assignment.

    Raises:
        NodeFailed: `variable.type`, when an operation does not fit its values.
    """
    plan, state = ctx.plan, ctx.state
    rules = rules_of(ctx.planned.profile)
    assignments: list[e.Assignment] = []
    after: dict[tuple[str, str], Any] = {}

    def lookup(root: str) -> Any:
        for (owner, name), value in after.items():
            if name == root and owner == owner_of(plan, state, scope, root):
                return value
        return around(root)

    for one in written:
        variable = one["variable"]
        value = _source(one.get("value"), lookup, ctx.planned.profile, rules)
        if value is None and "value" in one and rules is not None and rules.nulls_are_skipped:
            continue
        owner = owner_of(plan, state, scope, variable)
        assignment = e.Assignment(
            variable=variable,
            operation=one.get("operation", "set"),
            value=value,
            owner=owner,
        )
        present = after.get((owner, variable), value_of(state, owner, variable))
        if rules is not None and rules.keeps_types:
            assignment = _of_one_type(assignment, present)
        after[owner, variable] = applied(assignment, present)
        assignments.append(assignment)
    return tuple(assignments)


def _source(written: Any, lookup: Lookup, profile: str, rules: Rules | None) -> Any:
    needed = rules is not None and rules.needs_sources and isinstance(written, str)
    return render(AsNeeded(written) if needed else written, lookup, profile=profile)


def _of_one_type(assignment: e.Assignment, present: Any) -> e.Assignment:
    """The assignment, when it leaves the variable of its type; text of JSON becomes an object.

    Raises:
        NodeFailed: `variable.type`: it does not.
    """
    value = assignment.value
    if assignment.operation != "set" or present is None:
        return assignment
    if isinstance(present, dict) and isinstance(value, str):
        with suppress(Undecodable):
            value = read_json(value)
    if not isinstance(value, _type_of(present)) or isinstance(value, bool) != isinstance(
        present, bool
    ):
        message = (
            f"variable {assignment.variable!r} is {kind_name(present)}: it cannot become "
            f"{kind_name(value)}"
        )
        details = {"variable": assignment.variable, "operation": assignment.operation}
        raise NodeFailed(message, code="variable.type", kind="input", details=details)
    return replace(assignment, value=value)


def _type_of(present: Any) -> type | tuple[type, ...]:
    return (int, float) if isinstance(present, int | float) else type(present)
