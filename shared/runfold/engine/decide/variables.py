"""The `assign` kind, and the assignments of a state machine's transitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.evolve.variables import applied, owner_of, value_of
from runfold.values.profiles import rules_of
from runfold.values.references import Lookup
from runfold.values.templates import render


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
        value = render(one.get("value"), lookup, profile=ctx.planned.profile)
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
        after[owner, variable] = applied(assignment, present)
        assignments.append(assignment)
    return tuple(assignments)
