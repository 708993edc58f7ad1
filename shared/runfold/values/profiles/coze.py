"""The profile `coze`: values as Coze's workflows treat them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.values.json_text import to_json
from runfold.values.lenient import fitted
from runfold.values.paths import Lookup, Ref, enter, resolve, spelled
from runfold.values.profiles import coze_operators
from runfold.values.profiles.coze_files import file_address
from runfold.values.profiles.coze_rows import rows
from runfold.values.profiles.rules import Rules
from runfold.values.template_filters import join as native_join


def text(value: Any) -> str:
    """A value in text: compact JSON with its keys in order; null is nothing."""
    if isinstance(value, str):
        return value
    return "" if value is None else to_json(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    """The value with numbers without a fraction as whole numbers."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _whole(inner) for key, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
        case _:
            return value


def walk(ref: Ref, lookup: Lookup) -> Any:
    """Follow a reference: a key of a list is one of its first item.

    Raises:
        ReferenceMissing: It leads nowhere.
        ExpressionFailed: `reference.no_item`: an index that a list does not have, or of null.
    """
    try:
        return resolve(ref, lookup)
    except ReferenceMissing as error:
        missing = error
    value = lookup(ref.root)
    for depth, step in enumerate(ref.path):
        if isinstance(value, list | tuple) and isinstance(step, str):
            value = _item(ref, depth, value, 0)
        if isinstance(step, int) and (value is None or isinstance(value, list | tuple)):
            value = _item(ref, depth, value, step)
            continue
        found, value = enter(value, step)
        if not found:
            raise missing
    return value


def _item(ref: Ref, depth: int, value: Any, at: int) -> Any:
    found, inner = enter(value, at)
    if found:
        return inner
    what = "null" if value is None else f"a list of {len(value)}"
    message = f"{{{{{ref.text}}}}}: {spelled(ref.root, ref.path[:depth])} is {what}: it has no {at}"
    details = {"reference": ref.text}
    raise ExpressionFailed(message, code="reference.no_item", kind="reference", details=details)


def outputs(given: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """The declared outputs of a program, made to fit; what is missing or does not fit is null."""
    return {name: fitted(given.get(name), schema) for name, schema in declared.items()}


def join(value: Any, separator: Any = "", attribute: Any = None) -> str:
    """`list|join(", ")`: items are written as they are written into text, and so is no list."""
    if attribute is not None:
        return native_join(value, separator, attribute)
    is_list = isinstance(value, list | tuple)
    return native_join([text(one) for one in (value if is_list else (value,))], separator)


def _null(_ref: Ref) -> Any:
    return None


COZE = Rules(
    name="coze",
    text=text,
    answer=text,
    printed=text,
    filters={"join": join, "file_address": file_address, "rows": rows},
    walk=walk,
    missing_operand=_null,
    operators=coze_operators.OPERATORS,
    null_is_no_items=True,
    call="args",
    outputs=outputs,
    ends_alone=True,
    forgives=True,
)
