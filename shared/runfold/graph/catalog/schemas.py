"""The JSON Schema of a configuration, with hints for forms beside each setting.

`x-widget` is what the setting is filled in with, `x-group` and `x-order` where it stands.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import inspect

from runfold.graph.catalog.docstrings import descriptions
from runfold.graph.kinds.hints import MAIN, Form, Forms

WIDGET, GROUP, ORDER = "x-widget", "x-group", "x-order"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {"boolean": "boolean", "integer": "number", "number": "number", "string": "text"}
_TAG = "Which of the objects that may stand here this one is."
_DEFINITIONS = "#/$defs/"


def config_schema(config: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a configuration once its templates are rendered.

    It stands by itself: what it refers to is under `$defs`. A field of a type that JSON has not
    may be anything.
    """
    structs = _structs_of(config)
    (root,), named = msgspec.json.schema_components(
        (config,), schema_hook=lambda _type: {}, ref_template=_DEFINITIONS + "{name}"
    )
    for struct in structs:
        if (name := _name_in(named, struct)) is not None:
            _describe(named[name], struct)
    own = named.pop(root["$ref"].removeprefix(_DEFINITIONS))
    schema = {"$schema": DIALECT, **own}
    return {**schema, "$defs": named} if named else schema


def derived_widget(schema: dict[str, Any]) -> str:
    """What a setting of a schema is filled in with, when its kind does not say."""
    if "$ref" in schema or "discriminator" in schema:
        return "object"
    if "enum" in schema:
        return "choice"
    for one in schema.get("anyOf", ()):
        if one != {"type": "null"}:
            return derived_widget(one)
    match schema.get("type"):
        case "array":
            return "objects" if _is_struct(schema.get("items")) else "list"
        case "object":
            return (
                "named_objects" if _is_struct(schema.get("additionalProperties")) else "key_values"
            )
        case str(plain):
            return _PLAIN.get(plain, "value")
        case _:
            return "value"


def _describe(schema: dict[str, Any], struct: type[msgspec.Struct]) -> None:
    """Put what is known about each field of a struct beside its schema."""
    forms: Forms = {}
    for base in reversed(struct.__mro__):
        forms = {**forms, **vars(base).get("FORM", {})}
    said = descriptions(struct)
    properties = schema.get("properties", {})
    for field in msgspec.structs.fields(struct):
        one = properties[field.encode_name]
        form = forms.get(field.encode_name, Form(derived_widget(one)))  # type: ignore[arg-type]
        if field.name in said:
            one.setdefault("description", said[field.name])
        if form.examples:
            one.setdefault("examples", list(form.examples))
        one.setdefault(WIDGET, form.widget)
        one.setdefault(GROUP, form.group)
    if (tag := struct.__struct_config__.tag_field) is not None:
        properties[tag] |= {"description": _TAG, WIDGET: "choice", GROUP: MAIN}
    # The main group comes first, then each where its first setting stands.
    groups = dict.fromkeys([MAIN, *(one.get(GROUP, MAIN) for one in properties.values())])
    ranks = {group: rank for rank, group in enumerate(groups)}
    in_order = sorted(properties.values(), key=lambda one: ranks[one.get(GROUP, MAIN)])
    for order, one in enumerate(in_order, start=1):
        one.setdefault(ORDER, order)


def _is_struct(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    return "$ref" in schema or any(_is_struct(one) for one in schema.get("anyOf", ()))


def _name_in(named: dict[str, Any], struct: type[msgspec.Struct]) -> str | None:
    """The name of a struct among the definitions: the short one, if no other has it."""
    full = re.sub(r"[^a-zA-Z0-9.\-_]", "_", f"{struct.__module__}.{struct.__qualname__}")
    return next((name for name in (full, struct.__name__) if name in named), None)


def _structs_of(config: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """A struct and all that its fields are made of."""
    found: dict[type[msgspec.Struct], None] = {}
    left: list[Any] = [inspect.type_info(config)]
    while left:
        match left.pop():
            case inspect.StructType(cls=struct, fields=fields):
                if struct not in found:
                    found[struct] = None
                    left += [field.type for field in fields]
            case inspect.UnionType(types=types):
                left += types
            case inspect.Metadata(type=inner):
                left.append(inner)
            case inspect.DictType(value_type=inner):
                left.append(inner)
            case inspect.ListType(item_type=inner) | inspect.VarTupleType(item_type=inner):
                left.append(inner)
            case _:
                continue
    return list(found)
