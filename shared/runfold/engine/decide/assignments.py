"""The assignments that a node makes, each rendered after those before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from runfold.contracts import events as e
from runfold.engine.decide.node_context import Ready
from runfold.engine.evolve.variables import applied, owner_of, value_of
from runfold.engine.state.run import RunState
from runfold.values.references import Lookup
from runfold.values.templates import render

if TYPE_CHECKING:
    from runfold.graph.plan.plan import Plan


def assignments_of(here: Ready) -> tuple[e.Assignment, ...]:
    """The assignments of a ready `assign` node.

    Raises:
        NodeFailed: `variable.type`, when one cannot be done as things are now.
    """
    written = here.planned.config["assignments"]
    return assignments_from(written, here.plan, here.state, here.scope, here.lookup)


def assignments_from(
    assignments: Iterable[dict[str, Any]], plan: Plan, state: RunState, scope: str, around: Lookup
) -> tuple[e.Assignment, ...]:
    """Assignments as they are to be done, each value rendered after those before it.

    Args:
        assignments: As they are written.
        plan: The run's plan.
        state: Where it is.
        scope: Where the variables are named.
        around: What names mean before any is done.

    Raises:
        NodeFailed: `variable.type`, when one cannot be done as things are now.
    """
    done: list[e.Assignment] = []
    after: dict[tuple[str, str], Any] = {}

    def lookup(root: str) -> Any:
        for (owner, name), value in after.items():
            if name == root and owner == owner_of(plan, state, scope, root):
                return value
        return around(root)

    for written in assignments:
        variable = written["variable"]
        owner = owner_of(plan, state, scope, variable)
        one = e.Assignment(
            variable=variable,
            operation=written.get("operation", "set"),
            value=render(written.get("value"), lookup),
            owner=owner,
        )
        present = after.get((owner, variable), value_of(state, owner, variable))
        after[owner, variable] = applied(one, present)
        done.append(one)
    return tuple(done)
