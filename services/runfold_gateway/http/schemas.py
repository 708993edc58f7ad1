"""JSON Schemas of the API's types: as msgspec writes them, and as generators of clients need them.

One pass over all types makes all components, so that a type has one name wherever it is used. What
is said under a field in the source becomes its description.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from runfold.graph.catalog.docstrings import descriptions

VALUES = frozenset(("default", "examples", "enum", "const", "mapping"))
"""Keywords that hold values and no schemas."""
REF = "#/components/schemas/{name}"


class Schemas:
    """The schemas of some types.

    Args:
        types: The types; one twice counts once.
        named: Types other than structs that have a component, by its name.
        sent: Those of the types that clients send, who may leave out what has a default.
    """

    def __init__(
        self, types: Iterable[Any], named: dict[str, Any], sent: Sequence[Any] = ()
    ) -> None:
        self._keys: list[Any] = []
        for kind in types:
            if kind not in self._keys:
                self._keys.append(kind)
        made, components = msgspec.json.schema_components(
            (*self._keys, *named.values()), ref_template=REF
        )
        self._schemas = made[: len(self._keys)]
        by_name = {kind.__name__: kind for kind in _structs((*self._keys, *named.values()))}
        of_clients = set(_structs(sent))
        for name, schema in components.items():
            if name in by_name:
                _describe(schema, by_name[name])
                if by_name[name] not in of_clients:
                    _require(schema, by_name[name])
        components.update(zip(named, made[len(self._keys) :], strict=True))
        self._named = named
        for schema in (*components.values(), *self._schemas):
            _tidy(schema)
        self.components = {name: components[name] for name in sorted(components)}
        """All that the schemas refer to."""

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of one of the types."""
        for name, known in self._named.items():
            if kind == known:
                return {"$ref": REF.format(name=name)}
        return self._schemas[self._keys.index(kind)]


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a type that has no components."""
    schema = msgspec.json.schema(kind)
    _tidy(schema)
    return schema


def given(kind: Any) -> Any:
    """A type without the null that stands for "not given"."""
    if get_origin(kind) is Annotated:
        inner, *meta = get_args(kind)
        return Annotated[(given(inner), *meta)]
    if get_origin(kind) in (Union, UnionType):
        left = tuple(one for one in get_args(kind) if one is not NoneType)
        return Union[left]  # noqa: UP007 -- of a list that is only known here
    return kind


def _structs(types: Sequence[Any]) -> Iterator[type[msgspec.Struct]]:
    """All structs in some types, at any depth."""
    seen: set[int] = set()
    stack: list[Any] = list(msgspec.inspect.multi_type_info(types))
    while stack:
        one = stack.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, msgspec.inspect.StructType):
            yield one.cls
        if isinstance(one, msgspec.Struct):
            stack += msgspec.structs.astuple(one)
        elif isinstance(one, tuple):
            stack += one


def _describe(schema: dict[str, Any], kind: type[msgspec.Struct]) -> None:
    """Put what is said under the fields into their schemas."""
    said = descriptions(kind)
    for name, field in schema.get("properties", {}).items():
        if name in said:
            field.setdefault("description", said[name])


def _require(schema: dict[str, Any], kind: type[msgspec.Struct]) -> None:
    """Name the fields that are always there: all, where the encoder leaves out no default."""
    if kind.__struct_config__.omit_defaults:
        return
    sent = [
        field.encode_name
        for field in msgspec.structs.fields(kind)
        if field.default is not msgspec.UNSET
    ]
    tags = [name for name in schema.get("required", ()) if name not in sent]
    if always := [*tags, *sent]:
        schema["required"] = always


def _tidy(schema: Any) -> None:
    """Say what msgspec leaves open and generators of clients read as "nothing".

    Up to Python 3.12 a docstring has the indentation of its source.

    A list and an object without a word of what is in them hold anything; a tag has one value; a
    tagged union is one of its members, and no two.
    """
    if isinstance(schema, list):
        for one in schema:
            _tidy(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            schema["description"] = cleandoc(schema["description"])
        for key, value in schema.items():
            if key == "properties":
                _tidy(list(value.values()))
            elif key not in VALUES:
                _tidy(value)
        _open(schema)
        _name_values(schema)
        if "discriminator" in schema and "anyOf" in schema:
            schema["oneOf"] = schema.pop("anyOf")


def _open(schema: dict[str, Any]) -> None:
    """Let a list and an object hold anything, where nothing is said."""
    if schema.get("type") == "array" and not {"items", "prefixItems"} & schema.keys():
        schema["items"] = {}
    inside = {"properties", "additionalProperties"}
    if schema.get("type") == "object" and not inside & schema.keys():
        schema["additionalProperties"] = {}


def _name_values(schema: dict[str, Any]) -> None:
    """Give an enumeration of texts its type; one of one value is a constant."""
    values = schema.get("enum")
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        schema["type"] = "string"
        if len(values) == 1:
            schema["const"] = schema.pop("enum")[0]
