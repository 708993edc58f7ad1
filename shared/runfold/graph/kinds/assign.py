"""`assign`: changes variables of the run, of a loop around, or of the conversation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register

UNARY = ("clear", "remove_first", "remove_last")
"""Operations without a value."""


class Assignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change."""

    variable: str
    """Its name, or `conversation.name`; the innermost loop that has it is meant."""
    operation: Literal[
        "set",
        "append",
        "extend",
        "clear",
        "+=",
        "-=",
        "*=",
        "/=",
        "remove_first",
        "remove_last",
    ] = "set"
    """What to do."""
    value: Any = msgspec.UNSET
    """With what; sees the changes before it."""
    FORM: ClassVar[Forms] = {
        "variable": Form("text", ("total", "conversation.name")),
        "operation": Form("choice", ("append",)),
        "value": Form("value", ("{{draft.output}}", 1)),
    }


class AssignConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `assign` node."""

    assignments: list[Assignment]
    """Done in this order, all or none."""
    FORM: ClassVar[Forms] = {
        "assignments": Form("objects", ([{"variable": "total", "operation": "+=", "value": 1}],)),
    }


def assignments(config: dict[str, Any], field: str = "assignments") -> list[dict[str, Any]]:
    """The assignments in a field of a configuration that are objects."""
    written = config.get(field)
    return [one for one in written if isinstance(one, dict)] if isinstance(written, list) else []


def assignment_problems(config: dict[str, Any], field: str = "assignments") -> Iterator[Problem]:
    """Assignments that can never be done."""
    for index, one in enumerate(assignments(config, field)):
        operation = one.get("operation", "set")
        if operation in UNARY and "value" in one:
            yield Problem(f"{field}[{index}].value", f"{operation} takes no value")
        if operation not in UNARY and "value" not in one:
            message = f"{operation} needs a value"
            yield Problem(f"{field}[{index}].value", message, "config.missing")
        variable = one.get("variable")
        if isinstance(variable, str) and "{" in variable:
            message = f"{variable!r} is not a name: write it without braces"
            yield Problem(f"{field}[{index}].variable", message)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    if config.get("assignments") == []:
        yield Problem("assignments", "assign needs at least one assignment")
    yield from assignment_problems(config)


KIND = register(
    Kind(
        type="assign",
        group=INLINE,
        config=AssignConfig,
        summary="Change variables",
        aliases=("variable_assigner", "assigner"),
        rules=_rules,
        written=("assignments",),
        hints=Hints(
            category="data",
            outputs_from=("assignments",),
        ),
    )
)
