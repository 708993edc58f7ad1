"""Whether a setting is of its declared type, when parts of it are only known once rendered."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from runfold.values.references import is_computed

_PLAIN = (
    *(inspect.IntType, inspect.FloatType, inspect.BoolType, inspect.LiteralType),
    inspect.NoneType,
)


class _Unforeseeable(Exception):
    """Nothing stands for a value of such a type."""


def mistyped(
    value: Any, hint: Any, declared: inspect.Type, *, written: bool = False
) -> tuple[str, str] | None:
    """What is wrong with a setting, and where inside it; None when nothing is.

    Args:
        value: As its author wrote it; references and templates may become anything.
        hint: The type it must have once rendered.
        declared: The same as `msgspec.inspect` puts it.
        written: Whether numbers, truth values and choices are read as they are written.
    """
    try:
        return misfit(_filled(value, declared, written=written), hint, strict=written)
    except _Unforeseeable:
        return None


def as_written(value: Any, hint: Any) -> tuple[str, str] | None:
    """Why a value that nothing converts is not of a type; None when it is, or is left out."""
    return None if value is None or is_computed(value) else misfit(value, hint, strict=True)


def misfit(value: Any, hint: Any, *, strict: bool = False) -> tuple[str, str] | None:
    """Why a plain value is not of a type, and where inside it; None when it is."""
    try:
        msgspec.convert(value, hint, strict=strict)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        return what, where.rstrip("`")
    return None


def _filled(value: Any, declared: inspect.Type, *, written: bool) -> Any:
    """The value with something of the right type where it is computed."""
    if is_computed(value):
        return value if written and _is_plain(declared) else _example(value, declared)
    match declared:
        case inspect.ListType(item_type=item) if isinstance(value, list):
            return [_filled(one, item, written=written) for one in value]
        case inspect.DictType(value_type=item) if isinstance(value, dict):
            return {name: _filled(one, item, written=written) for name, one in value.items()}
        case inspect.StructType(fields=fields) if isinstance(value, dict):
            types = {field.encode_name: field.type for field in fields}
            return {
                name: _filled(one, types[name], written=written) if name in types else one
                for name, one in value.items()
            }
        case inspect.UnionType(types=members):
            member = next((one for one in members if _may_be(value, one)), None)
            return value if member is None else _filled(value, member, written=written)
        case _:
            return value


def _is_plain(declared: inspect.Type) -> bool:
    match declared:
        case inspect.UnionType(types=members):
            return all(_is_plain(one) for one in members)
        case inspect.Metadata(type=inner):
            return _is_plain(inner)
        case _:
            return isinstance(declared, _PLAIN)


def _may_be(value: Any, member: inspect.Type) -> bool:
    """Whether an object or a list is meant for a member of a union."""
    match member:
        case inspect.ListType():
            return isinstance(value, list)
        case inspect.DictType():
            return isinstance(value, dict)
        case inspect.StructType(tag_field=tag_field, tag=tag):
            return isinstance(value, dict) and (tag_field is None or value.get(tag_field) == tag)
        case _:
            return False


def _example(value: Any, declared: inspect.Type) -> Any:
    match declared:
        case inspect.AnyType():
            return value
        case inspect.StrType(min_length=None, max_length=None, pattern=None):
            return "text"
        case inspect.IntType() | inspect.FloatType():
            return _number(declared)
        case inspect.BoolType():
            return True
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.ListType(min_length=None):
            return []
        case inspect.DictType(min_length=None):
            return {}
        case inspect.UnionType(types=members):
            # With None among them, that will do; any of them is as good.
            is_optional = any(isinstance(member, inspect.NoneType) for member in members)
            return None if is_optional else _example(value, members[0])
        case _:
            raise _Unforeseeable


def _number(declared: inspect.IntType | inspect.FloatType) -> float:
    if declared.multiple_of is not None or (declared.gt is not None and declared.lt is not None):
        raise _Unforeseeable
    if declared.gt is not None:
        return declared.gt + 1 if declared.le is None else declared.le
    if declared.lt is not None:
        return declared.lt - 1 if declared.ge is None else declared.ge
    return next((one for one in (declared.ge, declared.le) if one is not None), 1)
