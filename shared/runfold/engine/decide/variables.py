"""The `assign` kind, and the assignments of a state machine's transitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.evolve.variables import applied, owner_of, value_of
from runfold.values.references import Lookup
from runfold.values.templates import render

if TYPE_CHECKING:
    from runfold.engine.state.runs import RunState
    from runfold.graph.plan.plan import Plan


def assign(ctx: NodeContext) -> Append:
    """Record the assignments of an `assign` node.

    Raises:
        NodeFailed: `variable.type`, when an operation does not fit its values.
    """
    written = ctx.config["assignments"]
    assignments = assignments_from(written, ctx.plan, ctx.state, ctx.scope, ctx.lookup)
    return Append(ctx.event(e.VariablesAssigned, assignments=assignments))


def assignments_from(
    written: Iterable[dict[str, Any]], plan: Plan, state: RunState, scope: str, around: Lookup
) -> tuple[e.Assignment, ...]:
    """Assignments as they are to be recorded, each value rendered after those before it.

    Args:
        written: The assignments as the author wrote them.
        plan: The run's plan.
        state: The run's state.
        scope: The scope in which the variables are named.
        around: What names mean before the first assignment.

    Raises:
        NodeFailed: `variable.type`, when an operation does not fit its values.
    """
    assignments: list[e.Assignment] = []
    after: dict[tuple[str, str], Any] = {}

    def lookup(root: str) -> Any:
        for (owner, name), value in after.items():
            if name == root and owner == owner_of(plan, state, scope, root):
                return value
        return around(root)

    for one in written:
        variable = one["variable"]
        owner = owner_of(plan, state, scope, variable)
        assignment = e.Assignment(
            variable=variable,
            operation=one.get("operation", "set"),
            value=render(one.get("value"), lookup),
            owner=owner,
        )
        present = after.get((owner, variable), value_of(state, owner, variable))
        after[owner, variable] = applied(assignment, present)
        assignments.append(assignment)
    return tuple(assignments)
