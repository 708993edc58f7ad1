"""`input`: waits for values that somebody outside gives, checked by a schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.definition import OUT
from runfold.graph.forms import field_types, form_problems, form_schema, has_computed
from runfold.graph.kinds.asking import TIMEOUT, AskingConfig, asking_rules
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register


class InputConfig(AskingConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of an `input` node."""

    message: str = ""
    """What is asked for, in words."""
    schema: dict[str, Any] = msgspec.field(default_factory=dict)
    """Fields by name, as a workflow's `inputs`, or a JSON Schema; empty: any object."""
    FORM: ClassVar[Forms] = {
        "message": Form("template", ("Where shall it be sent?",)),
        "schema": Form("schema", ({"street": {"type": "string", "required": True}},)),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from asking_rules(config)
    schema = config.get("schema", {})
    for problem in form_problems(schema):
        yield Problem("schema", problem)
    if isinstance(schema, dict) and schema and not has_computed(schema):
        kind = form_schema(schema).get("type", "object")
        if kind != "object":
            yield Problem("schema", f"values come by name: the type must be object, not {kind!r}")


def _declared(config: dict[str, Any]) -> dict[str, str]:
    """The fields, when no others can come."""
    schema = config.get("schema")
    if not isinstance(schema, dict) or form_schema(schema).get("additionalProperties") is not False:
        return {}
    return {**field_types(schema), "values": "object"}


KIND = register(
    Kind(
        type="input",
        group=INLINE,
        config=InputConfig,
        summary="Wait for values from outside",
        ports=lambda _config: (OUT, TIMEOUT),
        rules=_rules,
        declared=_declared,
        hints=Hints(
            category="people",
            output_types={"output": "object", "values": "object"},
            outputs_from=("schema",),
        ),
    )
)
