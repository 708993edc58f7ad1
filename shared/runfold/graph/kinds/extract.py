"""`extract`: takes named fields out of text with a language model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.paths import is_path
from runfold.values.references import is_computed
from runfold.values.types import JSON_TYPE_NAMES, JsonTypeName, matches

TAKEN = ("fields", "missing", "output", "status", "error", "answer", "option_id")
"""Names of outputs that no field can have."""


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing to be found in a text."""

    type: JsonTypeName = "string"
    """The type of its value."""
    description: str = ""
    """What it is, for the model and for a person who is asked again."""
    required: bool = False
    """Whether it is `missing` when the text does not say it."""
    enum: list[Any] = []
    """The only values it may have."""
    items: JsonTypeName = "any"
    """The type of what is in it, for an array."""
    FORM: ClassVar[Forms] = {
        "type": Form("choice"),
        "description": Form("text", ("the customer's full name",)),
        "required": Form("boolean"),
        "enum": Form("list", (["small", "large"],)),
        "items": Form("choice"),
    }


class ExtractConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `extract` node."""

    text: Any
    """What is read; anything but text is read as JSON."""
    fields: dict[str, Field]
    """What is looked for, by name."""
    model: str = ""
    """`name`, or `provider/name`; empty: the settings' default model."""
    backup_model: str = ""
    """Asked once more when attempts with `model` are used up."""
    instructions: Any = ""
    """What the model is told besides."""
    question: Any = ""
    """What the text answers, when it is an answer."""
    known: dict[str, Any] = {}
    """Fields that are known already: they are kept, and not looked for."""
    mode: Literal["schema", "function_calling", "prompt"] = "schema"
    """How the model is asked: with a JSON Schema as response format, by a function that it is to
    call, or in words alone."""
    max_repairs: Annotated[int, msgspec.Meta(ge=0, le=5)] = 1
    """How often the model is shown what is wrong with its answer, and asked again."""
    extra: dict[str, Any] = {}
    """Further members of the request's body, for what a server alone understands."""
    FORM: ClassVar[Forms] = {
        "text": Form("template", ("{{letter}}",)),
        "fields": Form(
            "named_objects", ({"name": {"required": True}, "age": {"type": "integer"}},)
        ),
        "model": Form("model", ("gpt-4o-mini",), group="model"),
        "backup_model": Form("model", ("local/llama",), group="errors"),
        "instructions": Form("template", ("Give dates as YYYY-MM-DD.",), group="model"),
        "question": Form("template", group="more"),
        "known": Form("key_values", ({"name": "{{customer}}"},), group="more"),
        "mode": Form("choice", group="model"),
        "max_repairs": Form("number", (2,), group="errors"),
        "extra": Form("key_values", ({"top_k": 20},), group="more"),
    }


def field_problems(fields: Any) -> Iterator[str]:
    """What is wrong with the fields to be found."""
    if not isinstance(fields, dict) or is_computed(fields):
        return
    if not fields:
        yield "name at least one field to be found"
    for name in fields:
        if name in TAKEN or not is_path(name):
            yield f"a field cannot be called {name!r}"
    for name, field in fields.items():
        given = field if isinstance(field, dict) else {}
        if "items" in given and given.get("type") != "array":
            yield f"field {name!r} has items, which only an array has"
        yield from _enum_problems(name, given)


def _enum_problems(name: str, field: dict[str, Any]) -> Iterator[str]:
    """Values that no answer can have: they are not of the field's type."""
    type_, values = field.get("type", "string"), field.get("enum")
    if not isinstance(type_, str) or type_ not in JSON_TYPE_NAMES or not isinstance(values, list):
        return
    for value in values:
        is_fit = value is None or is_computed(value) or matches(value, type_)
        if not is_fit:
            yield f"field {name!r} of type {type_} cannot be {value!r}, as its enum says"


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    for problem in field_problems(config.get("fields")):
        yield Problem("fields", problem)


def _declared(config: dict[str, Any]) -> dict[str, str]:
    fields = config.get("fields")
    if not isinstance(fields, dict) or is_computed(fields):
        return {}
    return {**dict.fromkeys(fields, "any"), "fields": "object", "missing": "array"}


KIND = register(
    Kind(
        type="extract",
        group="llm",
        backup="backup_model",
        config=ExtractConfig,
        summary="Take named fields out of text",
        rules=_rules,
        declared=_declared,
        hints=Hints(
            category="models",
            output_types={"output": "object", "fields": "object", "missing": "array"},
            outputs_from=("fields",),
        ),
    )
)
