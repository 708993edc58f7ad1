"""A run's inputs against what the workflow declares."""

from __future__ import annotations

from typing import Any

from runfold.errors import InvalidInputs
from runfold.graph.definition import Input, Workflow
from runfold.values.types import kind_name, matches


def bind_inputs(workflow: Workflow, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs a run starts with: what was given, and defaults for what was not.

    Raises:
        InvalidInputs: Naming all that is missing, surplus or of the wrong type at once.
    """
    return bound(
        workflow.id,
        given,
        inputs=workflow.inputs,
        variables=workflow.variables,
        closed=workflow.closed_inputs,
    )


def bound(
    workflow_id: str,
    given: dict[str, Any],
    *,
    inputs: dict[str, Input],
    variables: dict[str, Any],
    closed: bool,
) -> dict[str, Any]:
    """The same for a workflow's declarations alone. Raises `InvalidInputs`."""
    missing, invalid = [], []
    taken = dict(given)
    for name, declared in inputs.items():
        if name not in given:
            if declared.default is not None:
                taken[name] = declared.default
            elif declared.required and name not in variables:
                missing.append(name)
        elif not matches(given[name], declared.type):
            invalid.append(f"{name} (must be {declared.type}, is {kind_name(given[name])})")
        elif declared.enum and given[name] not in declared.enum:
            invalid.append(f"{name} (must be one of {declared.enum})")
    known = {*inputs, *variables}
    surplus = [name for name in given if name not in known] if closed else []
    problems = {"missing": missing, "surplus": surplus, "invalid": invalid}
    if any(problems.values()):
        told = "; ".join(f"{what}: {', '.join(names)}" for what, names in problems.items() if names)
        message = f"inputs of workflow {workflow_id!r} do not fit: {told}"
        raise InvalidInputs(message, details=problems)
    return taken


def schema_of_inputs(inputs: dict[str, Input], *, closed: bool) -> dict[str, Any]:
    """A workflow's declared inputs as a JSON Schema, for those who call it as a function.

    Args:
        inputs: By name.
        closed: Whether others are refused.
    """
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _schema_of(one) for name, one in inputs.items()},
    }
    required = [name for name, one in inputs.items() if one.required and one.default is None]
    if required:
        schema["required"] = required
    return schema | ({"additionalProperties": False} if closed else {})


def _schema_of(declared: Input) -> dict[str, Any]:
    schema: dict[str, Any] = {} if declared.type == "any" else {"type": declared.type}
    if declared.description:
        schema["description"] = declared.description
    if declared.enum:
        schema["enum"] = declared.enum
    return schema | ({} if declared.default is None else {"default": declared.default})
