"""A run's inputs against what the workflow declares."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from runfold.errors import ExpressionFailed, InvalidInputs
from runfold.graph.definition import Input, Workflow
from runfold.values.files import files_in
from runfold.values.types import cast, kind_name, matches


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
    taken = _taken(inputs, given)
    for name, declared in inputs.items():
        if name not in taken:
            if declared.default is not None:
                taken[name] = declared.default
            elif declared.required and name not in variables:
                missing.append(name)
        elif not matches(taken[name], declared.type):
            invalid.append(f"{name} (must be {declared.type}, is {kind_name(taken[name])})")
        elif declared.enum and taken[name] not in declared.enum:
            invalid.append(f"{name} (must be one of {declared.enum})")
        elif declared.media_types and (other := _other_media_type(declared, taken[name])):
            invalid.append(f"{name} (must be {' or '.join(declared.media_types)}, is {other})")
    known = {*inputs, *variables}
    surplus = [name for name in given if name not in known] if closed else []
    problems = {"missing": missing, "surplus": surplus, "invalid": invalid}
    if any(problems.values()):
        told = "; ".join(f"{what}: {', '.join(names)}" for what, names in problems.items() if names)
        message = f"inputs of workflow {workflow_id!r} do not fit: {told}"
        raise InvalidInputs(message, details=problems)
    return taken


_IS_TRUTH = {"yes": True, "on": True, "1": True, "no": False, "off": False, "0": False}
"""What else spells a truth value."""


def _taken(inputs: dict[str, Input], given: dict[str, Any]) -> dict[str, Any]:
    """What was given, where an input is lenient as it is meant."""
    taken = dict(given)
    for name, declared in inputs.items():
        if not declared.lenient or name not in given:
            continue
        value = _meant(given[name], declared.type)
        if value is None:
            del taken[name]
        else:
            taken[name] = value
    return taken


def _meant(value: Any, type_name: str) -> Any:
    """A value as the declared type; None for none, and unchanged where it spells none."""
    if type_name == "string":
        return value
    if isinstance(value, str) and not value.strip():
        return None
    if type_name == "boolean" and isinstance(value, str | int) and not isinstance(value, bool):
        value = _IS_TRUTH.get(str(value).strip().lower(), value)
    try:
        return cast(value, type_name) if isinstance(value, str) else value
    except (ExpressionFailed, KeyError):
        return value


def _other_media_type(declared: Input, value: Any) -> str:
    """The media type of the first file that is none of those declared; empty when all are."""
    for _, file in files_in(value):
        media_type = str(file.get("media_type", "unknown"))
        if not any(fnmatchcase(media_type, one) for one in declared.media_types):
            return media_type
    return ""


def typed_text(declared: Input | None, text: str) -> Any:
    """An input's value out of text, as the declared type; without one it stays text.

    Raises:
        ExpressionFailed: `type.mismatch`: it is not of the type.
    """
    return text if declared is None or declared.type == "any" else cast(text, declared.type)


_FILE = {"type": "object", "required": ["$file"], "description": "A file value"}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "any": {},
    "file": _FILE,
    "files": {"type": "array", "items": _FILE},
}
"""Types that are none of JSON Schema's → what they are there."""


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
    schema = dict(_SCHEMAS.get(declared.type, {"type": declared.type}))
    if declared.description:
        schema["description"] = declared.description
    if declared.enum:
        schema["enum"] = declared.enum
    return schema | ({} if declared.default is None else {"default": declared.default})
