"""A run's inputs against what the workflow declares."""

from __future__ import annotations

from typing import Any

from runfold.errors import InvalidInputs
from runfold.graph.definition import Workflow
from runfold.values.types import kind_name, matches


def bind_inputs(workflow: Workflow, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs a run starts with: what was given, and defaults for what was not.

    Raises:
        InvalidInputs: Naming all that is missing, surplus or of the wrong type at once.
    """
    missing, invalid = [], []
    bound = dict(given)
    for name, declared in workflow.inputs.items():
        if name not in given:
            if declared.default is not None:
                bound[name] = declared.default
            elif declared.required and name not in workflow.variables:
                missing.append(name)
        elif not matches(given[name], declared.type):
            invalid.append(f"{name} (must be {declared.type}, is {kind_name(given[name])})")
        elif declared.enum and given[name] not in declared.enum:
            invalid.append(f"{name} (must be one of {declared.enum})")
    known = {*workflow.inputs, *workflow.variables}
    surplus = [name for name in given if name not in known] if workflow.closed_inputs else []
    problems = {"missing": missing, "surplus": surplus, "invalid": invalid}
    if any(problems.values()):
        told = "; ".join(f"{what}: {', '.join(names)}" for what, names in problems.items() if names)
        message = f"inputs of workflow {workflow.id!r} do not fit: {told}"
        raise InvalidInputs(message, details=problems)
    return bound
