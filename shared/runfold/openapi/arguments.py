"""The arguments of an operation: its parameters and the fields of its body, flat and by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from runfold.openapi.document import Document, pointer
from runfold.openapi.operations import Body, Operation, Parameter
from runfold.openapi.schemas import standing_alone

ArgumentPlace = Literal["path", "query", "header", "cookie", "field", "body"]
WHOLE = "body"
"""Argument that is the whole body."""
_IN_FIELDS = re.compile(r"(application/|[\w.-]+/[\w.-]+\+)json\b|multipart/|.*form-urlencoded\b")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 64
_ORDER = ("path", "field", "body", "query", "header", "cookie")
"""Which keeps a name that several have; the others have their place before it."""
_DEEPEST = 10
_COMPOSED = ("anyOf", "oneOf", "not", "if", "patternProperties", "dependentSchemas")


class Argument(msgspec.Struct, frozen=True):
    """One argument."""

    name: str
    """What it is given by; models as well, so up to 64 of letters, digits, `_`, `.` and `-`."""
    written: str
    """What the document calls it, which can be given as well."""
    place: ArgumentPlace
    schema: Any
    at: str
    required: bool
    description: str = ""
    hidden: bool = False
    parameter: Parameter | None = None


class Fields(msgspec.Struct, frozen=True):
    """The fields of a body that is an object."""

    properties: dict[str, tuple[Any, str]]
    """Name → schema and its place."""
    required: frozenset[str]
    open: bool
    """Whether it may have others, too."""


class Arguments:
    """The arguments that an operation takes.

    Raises:
        Broken: A schema cannot be read.
    """

    def __init__(self, document: Document, operation: Operation) -> None:
        self._document = document
        self.operation = operation
        body = operation.body
        self.fields = None
        if body is not None and _IN_FIELDS.match(body.media_type.lower()):
            self.fields = _fields(document, body.schema, body.at, 0)
        self.all = tuple(_distinct([*self._parameters(), *self._of_body(body)]))
        self._by_name = {one.written: one for one in reversed(self.all)}
        self._by_name |= {one.name: one for one in self.all}

    def _parameters(self) -> Iterator[Argument]:
        for one in self.operation.parameters:
            yield Argument(
                one.name,
                one.name,
                one.place,
                one.schema,
                one.at,
                one.required,
                one.description,
                one.hidden,
                one,
            )

    def _of_body(self, body: Body | None) -> Iterator[Argument]:
        if body is None:
            return
        if self.fields is None:
            if _is_empty(self._document, body):
                return
            yield Argument(
                WHOLE, WHOLE, "body", body.schema, body.at, body.required, body.description
            )
            return
        for name, (schema, at) in self.fields.properties.items():
            needed = body.required and name in self.fields.required
            hidden = isinstance(schema, dict) and schema.get("x-hidden") is True
            yield Argument(name, name, "field", schema, at, needed, hidden=hidden)

    def find(self, name: str) -> Argument | None:
        """An argument by its name, or by what the document calls it."""
        return self._by_name.get(name)

    def is_binary(self, field: str) -> bool:
        """Whether a field of the body is a file as its schema has it."""
        if self.fields is None or field not in self.fields.properties:
            return False
        schema, _ = self._document.resolved(*self.fields.properties[field])
        if not isinstance(schema, dict):
            return False
        return schema.get("format") == "binary" or "contentMediaType" in schema

    @property
    def takes_whole(self) -> bool:
        """Whether `body` can be given in place of its fields."""
        return self.fields is not None and WHOLE not in self._by_name

    def schema(self, given: frozenset[str] = frozenset()) -> dict[str, Any]:
        """One object's schema for what a model fills in.

        Args:
            given: Names that are filled in already, and not shown.
        """
        shown = [
            one
            for one in self.all
            if not one.hidden and one.name not in given and one.written not in given
        ]
        if WHOLE in given and self.takes_whole:
            shown = [one for one in shown if one.place != "field"]
        return self._object(shown)

    def complete_schema(self) -> dict[str, Any]:
        """One object's schema for everything that can be given."""
        return self._object(self.all)

    def _object(self, shown: Any) -> dict[str, Any]:
        written: dict[str, Any] = {
            "type": "object",
            "properties": {one.name: _described(one) for one in shown},
            "required": [one.name for one in shown if one.required],
        }
        if not (self.fields is not None and self.fields.open):
            written["additionalProperties"] = False
        alone: dict[str, Any] = standing_alone(
            self._document, written, self.operation.at, "readOnly"
        )
        alone.setdefault("properties", {})
        return alone


def with_preset(arguments: Arguments, given: dict[str, Any], preset: Any) -> dict[str, Any]:
    """Values with those that are filled in beforehand, as far as an operation takes them."""
    filled = {
        argument.name: value
        for name, value in (preset.items() if isinstance(preset, dict) else ())
        if (argument := arguments.find(name)) is not None
    }
    own = {
        name: value
        for name, value in given.items()
        if (argument := arguments.find(name)) is None or argument.name not in filled
    }
    return own | filled


def _described(one: Argument) -> Any:
    """An argument's schema with its description, which may stand beside it."""
    if not one.description or not isinstance(one.schema, dict) or "description" in one.schema:
        return one.schema
    if "$ref" in one.schema:
        return {"allOf": [one.schema], "description": one.description}
    return {"description": one.description, **one.schema}


def _distinct(found: list[Argument]) -> Iterator[Argument]:
    """The arguments, each under a name of its own."""
    in_order = sorted(found, key=lambda one: _ORDER.index(one.place))
    names: dict[int, str] = {}
    taken: set[str] = set()
    for one in in_order:
        base = _NOT_IN_NAMES.sub("_", one.written).strip("_") or one.place
        name = base[:_LONGEST]
        if name in taken:
            base = f"{one.place}_{base}"[: _LONGEST - 3]
            name, number = base, 1
            while name in taken:
                number += 1
                name = f"{base}_{number}"
        taken.add(name)
        names[id(one)] = name
    for one in found:
        yield msgspec.structs.replace(one, name=names[id(one)])


def _fields(document: Document, schema: Any, at: str, depth: int) -> Fields | None:
    """The fields of an object's schema; None when it says more than which fields there are."""
    schema, at = document.resolved(schema, at)
    if depth > _DEEPEST or not isinstance(schema, dict):
        return None
    if schema.get("type", "object") != "object" or any(name in schema for name in _COMPOSED):
        return None
    properties: dict[str, tuple[Any, str]] = {}
    required = set(_names(schema.get("required")))
    is_open = schema.get("additionalProperties") not in (None, False)
    for index, part in enumerate(_listed(schema.get("allOf"))):
        inner = _fields(document, part, at + pointer("allOf", index), depth + 1)
        if inner is None:
            return None
        properties |= inner.properties
        required |= inner.required
        is_open = is_open or inner.open
    own = schema.get("properties")
    for name, one in own.items() if isinstance(own, dict) else ():
        properties[name] = one, at + pointer("properties", name)
    if not properties:
        return None
    read_only = {name for name, (one, where) in properties.items() if _reads(document, one, where)}
    for name in read_only:
        del properties[name]
    return Fields(properties, frozenset(required - read_only), is_open) if properties else None


def _is_empty(document: Document, body: Body) -> bool:
    """Whether a body can have nothing in it, as a GET's is written in some documents."""
    schema, _ = document.resolved(body.schema, body.at)
    return (
        isinstance(schema, dict)
        and not body.required
        and schema.get("properties", {}) == {}
        and schema.get("additionalProperties") is False
    )


def _reads(document: Document, schema: Any, at: str) -> bool:
    """Whether a property is one that only answers have."""
    target, _ = document.resolved(schema, at)
    return any(isinstance(one, dict) and one.get("readOnly") is True for one in (schema, target))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    return [one for one in _listed(value) if isinstance(one, str)]
